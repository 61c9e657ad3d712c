package dev.redoubt.buffer;

/**
 * How a buffer pool is set up.
 *
 * @param frames pages held in memory, at least 16
 * @param background whether a page cleaner thread runs; without it pages are cleaned by those who
 *     need a frame, and by explicit calls
 */
public record BufferPoolOptions(int frames, boolean background) {}
