package dev.redoubt.kv;

/**
 * A commit that has been published.
 *
 * @param info what its user is told
 * @param seen the LSN that makes it durable with all that it has seen
 */
record Committed(CommitInfo info, long seen) {}
