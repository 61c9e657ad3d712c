package dev.redoubt.crash.work;

import dev.redoubt.io.Disk;
import dev.redoubt.io.Environment;
import dev.redoubt.recovery.Engine;
import dev.redoubt.recovery.EngineOptions;
import dev.redoubt.recovery.RecoverableMemory;
import dev.redoubt.recovery.RecoveryListener;
import dev.redoubt.recovery.Savepoint;
import dev.redoubt.recovery.Transaction;
import dev.redoubt.wal.LogOptions;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.TreeMap;

/** The recovery engine under recoverable memory: each key is a cell of fixed length. */
public final class MemorySubject implements Subject {
  /** Odd, so that cells lie across page boundaries. */
  private static final int CELL_BYTES = 701;

  private final TwoWaysOfCleaning cleaning = new TwoWaysOfCleaning();
  private final Engine engine;
  private final RecoverableMemory memory;
  private final int cells;

  private MemorySubject(Engine engine, int cells) {
    this.engine = engine;
    this.cells = cells;
    this.memory = RecoverableMemory.open(engine, "cells", (long) cells * CELL_BYTES);
  }

  /** Options that make everything happen often: small segments, small ring, few frames. */
  public static EngineOptions tiny() {
    return EngineOptions.defaults()
        .withPageSize(4096)
        .withFrames(16)
        .withBackground(false)
        .withLog(LogOptions.defaults().withSegmentBytes(64 << 10).withBuffers(2, 16 << 10));
  }

  /** Opens an engine with a memory of so many cells, one a key. */
  public static Factory factory(EngineOptions options, int cells) {
    return (disk, environment) -> open(disk, environment, options, cells);
  }

  private static Subject open(
      Disk disk, Environment environment, EngineOptions options, int cells) {
    Engine engine = Engine.open(disk, environment, options, List.of(), RecoveryListener.NONE);
    try {
      return new MemorySubject(engine, cells);
    } catch (RuntimeException | Error e) {
      engine.abandon();
      throw e;
    }
  }

  @Override
  public Tx begin() {
    return new MemoryTx(engine.begin());
  }

  @Override
  public void checkpoint() {
    engine.checkpoint();
  }

  @Override
  public void idle() {
    engine.log().tick();
    cleaning.clean(engine.pool());
  }

  @Override
  public Contents contents() {
    TreeMap<Integer, String> entries = new TreeMap<>();
    byte[] cell = new byte[CELL_BYTES];
    for (int key = 0; key < cells; key++) {
      memory.read((long) key * CELL_BYTES, MemorySegment.ofArray(cell));
      int length = ByteBuffer.wrap(cell).getInt();
      if (length != 0) {
        entries.put(key, new String(cell, Integer.BYTES, length, StandardCharsets.UTF_8));
      }
    }
    return new Contents(entries);
  }

  @Override
  public void verify() {
    if (!engine.lastRecovery().quarantinedPages().isEmpty()) {
      throw new AssertionError("quarantined: " + engine.lastRecovery().quarantinedPages());
    }
    if (!engine.unfinished().isEmpty()) {
      throw new AssertionError("unfinished: " + engine.unfinished());
    }
  }

  @Override
  public void checkClrs() {
    engine.log().forceAll();
    ClrOracle.check(engine.log());
  }

  @Override
  public void abandon() {
    engine.abandon();
  }

  @Override
  public void close() {
    engine.close();
  }

  private final class MemoryTx implements Tx {
    private final Transaction transaction;

    MemoryTx(Transaction transaction) {
      this.transaction = transaction;
    }

    @Override
    public void put(int key, String value) {
      byte[] cell = new byte[CELL_BYTES];
      byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
      ByteBuffer.wrap(cell).putInt(bytes.length).put(bytes);
      memory.write(transaction, (long) key * CELL_BYTES, MemorySegment.ofArray(cell));
    }

    @Override
    public void remove(int key) {
      memory.write(
          transaction, (long) key * CELL_BYTES, MemorySegment.ofArray(new byte[CELL_BYTES]));
    }

    @Override
    public Object savepoint() {
      return transaction.savepoint();
    }

    @Override
    public void rollbackTo(Object savepoint) {
      transaction.rollbackTo((Savepoint) savepoint);
    }

    @Override
    public void commit(boolean sync) {
      long lsn = transaction.commit();
      if (sync && lsn != 0) {
        engine.log().force(lsn);
      }
      transaction.end();
    }

    @Override
    public void rollback() {
      transaction.rollback();
    }
  }
}
