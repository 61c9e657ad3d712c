/** Two-phase commit over two stores by a real transaction manager, halted at each of its steps. */
@NullMarked
package dev.redoubt.crash.xa;

import org.jspecify.annotations.NullMarked;
