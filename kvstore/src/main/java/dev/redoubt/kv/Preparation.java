package dev.redoubt.kv;

import dev.redoubt.io.EngineHaltedException;
import dev.redoubt.recovery.Transaction;
import java.util.Objects;

/**
 * How a read-write transaction is put in doubt (store rule 12): its reads become locks, then its
 * prepare record is forced, with the locks in it. Confined to the transaction's user.
 */
final class Preparation {
  /** As the engine's records take them. */
  private static final int MOST_GTRID_BYTES = 255;

  private final Store store;
  private final Transaction transaction;
  private final WriteTransaction user;
  private final TransactionReads reads;
  private final Leftovers leftovers;

  Preparation(
      Store store,
      Transaction transaction,
      WriteTransaction user,
      TransactionReads reads,
      Leftovers leftovers) {
    this.store = store;
    this.transaction = transaction;
    this.user = user;
    this.reads = reads;
    this.leftovers = leftovers;
  }

  /** Refuses a name that cannot be kept. */
  static void check(byte[] gtrid) {
    Objects.requireNonNull(gtrid, "gtrid");
    if (gtrid.length < 1 || gtrid.length > MOST_GTRID_BYTES) {
      throw new IllegalArgumentException(
          "a global transaction id has 1 to "
              + MOST_GTRID_BYTES
              + " bytes; this one has "
              + gtrid.length);
    }
  }

  /** Whether it is in doubt now; one that has written nothing is not, but has been confirmed. */
  boolean run(byte[] gtrid) {
    try {
      if (transaction.lastLsn() == 0) {
        confirm();
        return false;
      }
      prepare(gtrid);
      return true;
    } catch (ConflictException | SnapshotTooOldException e) {
      throw user.doomed(e);
    }
  }

  /** One that has written nothing: its reads hold at this moment, and no log is needed. */
  private void confirm() {
    store.parts().commits().confirmReads(reads, user.writes(), store.parts().keys());
    store.parts().commits().force(reads.seenUpTo());
  }

  /** At return the prepare record is durable, and whoever decides has all that is needed. */
  private void prepare(byte[] gtrid) {
    byte[] ranges = ReadRanges.encode(reads.settled());
    PreparedWork work =
        new PreparedWork(
            transaction,
            gtrid.clone(),
            user.writes(),
            ReadRanges.decode(ranges, transaction.id()),
            leftovers,
            user);
    work.deciding.lock(); // a decision waits until it is prepared
    try {
      store.parts().commits().lockRanges(work, reads);
      log(work, ranges);
    } finally {
      work.deciding.unlock();
    }
    reads.leave();
  }

  private void log(PreparedWork work, byte[] ranges) {
    try {
      transaction.prepare(work.gtrid, ranges);
    } catch (EngineHaltedException e) {
      store.parts().keys().wake(user); // whether it is prepared, the next opening tells
      throw e;
    } catch (RuntimeException | Error e) {
      store.parts().commits().unlockRanges(work); // nothing was logged: it goes on as it was
      throw e;
    }
  }
}
