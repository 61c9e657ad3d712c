package dev.redoubt.kv;

/**
 * What a commit did.
 *
 * @param transactionId of the transaction
 * @param commitLsn LSN of its commit record; 0 if it wrote nothing
 */
public record CommitInfo(long transactionId, long commitLsn) {}
