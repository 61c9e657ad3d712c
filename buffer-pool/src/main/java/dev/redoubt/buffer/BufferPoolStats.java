package dev.redoubt.buffer;

/**
 * Figures of a buffer pool.
 *
 * @param frames pages that fit in memory
 * @param resident pages in memory now
 * @param dirty of them, differing from disk
 * @param faults pages read or made since opening
 * @param evictions frames reclaimed since opening
 * @param pagesWritten by the cleaner since opening
 * @param oldestRecLsn smallest recLSN; {@code Long.MAX_VALUE} if none is dirty
 */
public record BufferPoolStats(
    int frames,
    int resident,
    int dirty,
    long faults,
    long evictions,
    long pagesWritten,
    long oldestRecLsn) {}
