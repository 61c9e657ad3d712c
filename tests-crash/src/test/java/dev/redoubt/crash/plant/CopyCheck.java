package dev.redoubt.crash.plant;

import dev.redoubt.crash.disk.SimDisk;
import dev.redoubt.crash.disk.SimEnvironment;
import dev.redoubt.crash.work.Contents;
import dev.redoubt.crash.work.StoreSubject;
import dev.redoubt.crash.work.Subject;
import dev.redoubt.io.Disk;
import dev.redoubt.io.Disk.Access;
import dev.redoubt.io.Disk.Caching;
import dev.redoubt.io.DiskFile;
import dev.redoubt.wal.Log;
import dev.redoubt.wal.LogHolder;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;

/**
 * A store is copied file by file while it works, as {@code docs/copying.md} says: pages go home and
 * checkpoints truncate the log between one page and the next. The copy opens and has exactly what
 * was committed when the end of its log was forced (rule 20).
 */
final class CopyCheck {
  private static final int PAGE = 4096;
  private static final int KEYS = 300;
  private static final int ROUNDS = 6;
  private static final int MASTER_BYTES = 3 * 4096;

  private final SplittableRandom random;
  private final long seed;
  private final SimDisk disk = SimDisk.create();
  private final StoreSubject subject;

  private CopyCheck(long seed) {
    this.seed = seed;
    this.random = new SplittableRandom(seed);
    this.subject =
        StoreSubject.open(disk, SimEnvironment.withoutThreads(seed), StoreSubject.tiny());
  }

  static void check(long seed) {
    new CopyCheck(seed).check();
  }

  private void check() {
    work(40);
    for (int round = 0; round < ROUNDS; round++) {
      Subject.Tx old = subject.begin(); // older than the checkpoint, and a loser for the copy
      old.put(KEYS + round, "never committed");
      work(10);
      copyAndOpen(round % 2 == 0 ? () -> {} : old::rollback);
      if (round % 2 == 0) {
        old.rollback();
      }
      work(10);
    }
    subject.abandon();
  }

  private void copyAndOpen(Runnable behindMaster) {
    SimDisk to = SimDisk.create();
    Log log = subject.store().engine().log();
    try (LogHolder hold = subject.store().holdCheckpoint("copy")) {
      copy(to, "master", 0, MASTER_BYTES, MASTER_BYTES);
      behindMaster.run();
      long pages = size("pages") / PAGE;
      for (long page = 1; page < pages; page++) {
        copy(to, "pages", page * PAGE, PAGE, pages * PAGE);
        if (page % 4 == 0) {
          work(3);
        }
      }
      log.forceAll();
      long end = log.durableEndLsn();
      Contents expected = subject.contents();
      work(5);
      long bytes = log.segmentBytes();
      for (long i = hold.lsn() / bytes; i <= (end - 1) / bytes; i++) {
        copy(to, String.format("log-%016x.seg", i), 0, Math.min(bytes, end - i * bytes), bytes);
      }
      to.forceDirectory();
      open(to, expected);
    }
  }

  private void open(SimDisk copied, Contents expected) {
    StoreSubject copy =
        StoreSubject.open(copied, SimEnvironment.withoutThreads(seed + 1), StoreSubject.tiny());
    try {
      if (!copy.contents().equals(expected)) {
        throw new AssertionError("the copy has " + copy.contents() + " instead of " + expected);
      }
      copy.verify();
    } finally {
      copy.abandon();
    }
  }

  private long size(String name) {
    try (DiskFile file = disk.open(name, Access.READ, Caching.BUFFERED)) {
      return file.size();
    }
  }

  private void copy(Disk to, String name, long at, long length, long size) {
    byte[] bytes = new byte[Math.toIntExact(length)];
    try (DiskFile from = disk.open(name, Access.READ, Caching.BUFFERED)) {
      from.read(ByteBuffer.wrap(bytes), at);
    }
    Access access = to.exists(name) ? Access.WRITE : Access.CREATE;
    try (DiskFile file = to.open(name, access, Caching.BUFFERED)) {
      file.write(ByteBuffer.wrap(bytes), at);
      if (file.size() < size) {
        file.write(ByteBuffer.allocate(1), size - 1);
      }
      file.force();
    }
  }

  /** Transactions, and all the while pages go home and checkpoints truncate the log. */
  private void work(int transactions) {
    for (int i = 0; i < transactions; i++) {
      Subject.Tx tx = subject.begin();
      int from = random.nextInt(KEYS - 8);
      for (int key = from; key < from + 8; key++) {
        tx.put(key, random.nextInt(1000) + "x".repeat(random.nextInt(600)));
      }
      tx.commit(true);
      subject.idle();
      subject.store().engine().pool().cleanSome(4);
      if (i % 4 == 3) {
        subject.checkpoint();
      }
    }
  }
}
