package dev.redoubt.recovery;

/**
 * A point to which a transaction can roll back; valid until it, or an earlier one, is rolled back.
 */
public record Savepoint(long transactionId, long lsn) {}
