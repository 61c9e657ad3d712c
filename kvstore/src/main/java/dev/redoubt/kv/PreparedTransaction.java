package dev.redoubt.kv;

/**
 * A transaction that has been prepared and awaits its decision.
 *
 * @param id for {@link Store#commitPrepared} and {@link Store#rollbackPrepared}; the same after a
 *     restart
 * @param gtrid the coordinator's name of it, unique among those listed; the receiver's own
 * @param firstLsn where its records in the log begin, which it keeps from being recycled
 * @param fromRestart whether it was prepared before this opening of the store
 */
@SuppressWarnings("ArrayRecordComponent") // never compared as a whole
public record PreparedTransaction(long id, byte[] gtrid, long firstLsn, boolean fromRestart) {}
