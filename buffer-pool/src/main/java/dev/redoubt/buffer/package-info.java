/**
 * Pages in memory and on disk: page store, frames, latches, dirty page table, page cleaner. It
 * knows nothing of transactions or of what a record means.
 */
@NullMarked
package dev.redoubt.buffer;

import org.jspecify.annotations.NullMarked;
