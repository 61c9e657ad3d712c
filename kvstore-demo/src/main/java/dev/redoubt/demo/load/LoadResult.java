package dev.redoubt.demo.load;

import java.time.Duration;

/**
 * What a load did; all of it is durable.
 *
 * @param lines read, all kinds together
 * @param entries put into the tree
 * @param ignored comments and empty lines
 * @param skipped bad lines left out
 * @param transactions committed
 * @param time from the first line to the last commit
 */
public record LoadResult(
    long lines, long entries, long ignored, long skipped, long transactions, Duration time) {}
