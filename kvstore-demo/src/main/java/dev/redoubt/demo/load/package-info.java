/**
 * Loading of tab-separated text: {@link Loader} reads lines, cuts them into batches and commits
 * each batch as one transaction. Start reading there.
 */
@NullMarked
package dev.redoubt.demo.load;

import org.jspecify.annotations.NullMarked;
