package dev.redoubt.buffer;

/** An entry of the dirty page table: the disk copy may lack changes from {@code recLsn} on. */
public record DirtyPage(long pageId, long recLsn) {}
