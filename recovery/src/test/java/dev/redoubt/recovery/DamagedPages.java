package dev.redoubt.recovery;

import dev.redoubt.buffer.PageGuard;
import dev.redoubt.buffer.PageVerifier;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** An engine without double-write whose stored pages tests spoil behind its back. */
final class DamagedPages {
  static final int PAGE = 4096;
  static final EngineOptions PLAIN = Engines.SMALL.withDoubleWrite(false);

  final Cells cells = Engines.CELLS;
  MemoryDisk disk = new MemoryDisk();
  Engine engine = Engines.open(disk, PLAIN);

  void set(Transaction transaction, long page, int cell, long value) {
    cells.set(engine, transaction, page, cell, value);
  }

  /** Sets one cell in a transaction of its own, durably. */
  void commit(long page, int cell, long value) {
    Transaction transaction = engine.begin();
    set(transaction, page, cell, value);
    Engines.commit(engine, transaction);
  }

  long get(long page, int cell) {
    return Cells.get(engine, page, cell);
  }

  byte[] stored(long page) {
    return disk.bytes("pages", page * PAGE, PAGE);
  }

  void store(long page, byte[] bytes) {
    disk.put("pages", page * PAGE, bytes);
  }

  /** Bytes in the middle of the page change. */
  void spoil(long page) {
    disk.put("pages", page * PAGE + 100, new byte[] {1, 2, 3, 4, 5, 6, 7});
  }

  /** Power goes off, something happens to the disk, and restart runs. */
  RecoveryReport powerLoss(Runnable meanwhile) {
    engine.abandon();
    disk = disk.afterPowerLoss();
    meanwhile.run();
    engine = Engines.open(disk, PLAIN);
    return engine.lastRecovery();
  }

  RecoveryReport powerLoss() {
    return powerLoss(() -> {});
  }

  /** Everything is home, and all frames hold other pages than the ones made before. */
  void evictAll() {
    engine.pool().flushAll();
    int frames = engine.pool().stats().frames();
    List<Long> others = new ArrayList<>();
    for (int i = 0; i < 2 * frames; i++) {
      others.add(cells.makePage(engine));
      engine.pool().flushAll();
    }
    for (int round = 0; round < 3; round++) {
      for (long other : others) {
        get(other, 0);
      }
    }
  }

  /** The log no longer reaches back to anything logged before. */
  void forgetLog() {
    long end = engine.log().endLsn();
    long busy = cells.makePage(engine);
    while (engine.log().startLsn() < end) {
      Transaction transaction = engine.begin();
      for (int i = 0; i < 500; i++) {
        set(transaction, busy, i % 100, i);
      }
      Engines.commit(engine, transaction);
      engine.pool().flushAll();
      engine.checkpoint();
      engine.checkpoint();
    }
  }

  /** The page as it would be had somebody else written these bytes: the checksum is right. */
  byte[] resealed(long page, UnaryOperator<byte[]> change) {
    byte[] bytes = change.apply(stored(page));
    new PageVerifier(engine.log().storeId(), PAGE).seal(MemorySegment.ofArray(bytes), page);
    return bytes;
  }

  boolean isDirty(long page) {
    try (PageGuard guard = engine.pool().shared(page)) {
      return guard.isDirty();
    }
  }
}
