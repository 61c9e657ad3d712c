package dev.redoubt.crash.plant;

import dev.redoubt.crash.disk.Fault;
import dev.redoubt.crash.disk.IoKind;
import dev.redoubt.crash.disk.SimDisk;
import dev.redoubt.crash.disk.SimEnvironment;
import dev.redoubt.crash.work.Contents;
import dev.redoubt.crash.work.MemorySubject;
import dev.redoubt.crash.work.StoreSubject;
import dev.redoubt.crash.work.Subject;
import dev.redoubt.io.DiskFullException;
import dev.redoubt.io.StorageException;
import dev.redoubt.kv.StoreOptions;
import dev.redoubt.recovery.Engine;
import dev.redoubt.recovery.RangeConflictException;
import dev.redoubt.recovery.RecoveryListener;
import dev.redoubt.recovery.UnregisteredManagerException;
import dev.redoubt.wal.Log;
import java.util.List;

/** Short runs, each of which shows that one rule holds. */
final class Checks {
  private static final long CAP_BYTES = 2 << 20;

  private Checks() {}

  /** There are no more segments: one transaction takes what there is and rolls back (rule 4). */
  static void fullLog(long seed) {
    SimDisk disk = SimDisk.create();
    Subject subject =
        MemorySubject.factory(MemorySubject.tiny(), 161)
            .open(disk, SimEnvironment.withoutThreads(seed));
    Subject.Tx tx = subject.begin();
    disk.inject(Fault.forEver(IoKind.WRITE, "spare", 0, Fault.Action.ENOSPC));
    boolean full = false;
    for (int i = 0; i < 100_000 && !full; i++) {
      try {
        tx.put(i % 160, "value " + i + "x".repeat(600));
      } catch (DiskFullException refused) {
        full = true;
      }
    }
    tx.rollback();
    if (!full || !subject.contents().equals(Contents.empty())) {
      throw new AssertionError("full: " + full + ", found " + subject.contents());
    }
    subject.close();
  }

  /** An idle transaction pins the log, others go on: the log stays within its cap (rule 5). */
  static void cap(long seed) {
    StoreOptions tiny = StoreSubject.tiny();
    StoreSubject subject =
        StoreSubject.open(
            SimDisk.create(),
            SimEnvironment.withoutThreads(seed),
            tiny.withEngine(tiny.engine().withMaxWalBytes(CAP_BYTES)));
    Log log = subject.store().engine().log();
    Subject.Tx idle = subject.begin();
    idle.put(0, "idle");
    for (int i = 0; i < 4_000; i++) {
      Subject.Tx tx = subject.begin();
      try {
        tx.put(2 + i % 50, "v" + i + "x".repeat(800));
        tx.commit(false);
      } catch (StorageException refused) {
        tx.rollback();
      }
      if (log.endLsn() - log.startLsn() > CAP_BYTES) {
        throw new AssertionError("the log holds " + (log.endLsn() - log.startLsn()) + " bytes");
      }
    }
    subject.abandon();
  }

  /** A store whose tree manager is not registered is refused and left as it was (rule 21). */
  static void foreignManager(long seed) {
    SimDisk disk = SimDisk.create();
    SimEnvironment environment = SimEnvironment.withoutThreads(seed);
    StoreSubject subject = StoreSubject.open(disk, environment, StoreSubject.tiny());
    Subject.Tx tx = subject.begin();
    tx.put(1, "value");
    tx.commit(true);
    subject.close();
    try {
      Engine.open(disk, environment, MemorySubject.tiny(), List.of(), RecoveryListener.NONE)
          .abandon();
    } catch (UnregisteredManagerException refused) {
      return;
    }
    throw new AssertionError("a store was opened whose pages nobody can redo");
  }

  /** Bytes that another transaction has written are not to be written (rule 21). */
  static void ownedRange(long seed) {
    Subject subject =
        MemorySubject.factory(MemorySubject.tiny(), 10)
            .open(SimDisk.create(), SimEnvironment.withoutThreads(seed));
    subject.begin().put(1, "mine");
    Subject.Tx other = subject.begin();
    try {
      other.put(1, "yours");
    } catch (RangeConflictException refused) {
      subject.abandon();
      return;
    }
    throw new AssertionError("a range was written over that another transaction owns");
  }

  /** While the force of a commit is under way, no reader sees it (store rule 6). */
  static void peek(long seed) {
    SimDisk disk = SimDisk.create();
    StoreSubject subject =
        StoreSubject.open(disk, SimEnvironment.withoutThreads(seed), StoreSubject.tiny());
    for (int i = 0; i < 20; i++) {
      String value = "v" + i;
      Subject.Tx tx = subject.begin();
      tx.put(1, value);
      boolean[] looked = {false};
      boolean[] seen = {false};
      disk.listen(
          (_, event) -> {
            // With the first force the commit is durable; what comes after it may show it.
            if (event.kind() == IoKind.FORCE && event.file().startsWith("log-") && !looked[0]) {
              looked[0] = true;
              seen[0] = value.equals(subject.contents().entries().get(1));
            }
          });
      tx.commit(true);
      disk.listen(null);
      if (!looked[0] || seen[0]) {
        throw new AssertionError("a reader sees a commit that is not durable: " + seen[0]);
      }
    }
    subject.abandon();
  }
}
