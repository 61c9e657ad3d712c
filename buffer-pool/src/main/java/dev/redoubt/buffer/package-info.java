/**
 * Pages in memory and on disk. Knows nothing of transactions and of record types.
 *
 * <p>Start reading at {@link dev.redoubt.buffer.BufferPool}, then {@link
 * dev.redoubt.buffer.PageGuard} for the recipe by which a page changes, and {@link
 * dev.redoubt.buffer.FilePageStore} for how it survives being torn.
 *
 * <p>Owns the invariants I-1 (no page reaches its home before the log is durable past its pageLSN)
 * and I-4 (every page that differs from disk is in the dirty page table). Implements section 3 of
 * the design and the buffer management that ARIES (Mohan et al. 1992) takes for granted in its
 * section 1.3: steal, no-force.
 */
@NullMarked
package dev.redoubt.buffer;

import org.jspecify.annotations.NullMarked;
