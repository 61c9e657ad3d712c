/**
 * What the program writes: JSON, numbers for people, progress bars. Knows nothing of stores. Start
 * reading at {@link Json} and {@link ProgressBar}.
 */
@NullMarked
package dev.redoubt.demo.output;

import org.jspecify.annotations.NullMarked;
