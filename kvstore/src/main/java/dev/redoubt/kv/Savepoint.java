package dev.redoubt.kv;

/** A point in a transaction to which it can be rolled back. */
public record Savepoint(long transactionId, long lsn) {}
