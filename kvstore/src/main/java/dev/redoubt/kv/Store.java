package dev.redoubt.kv;

import dev.redoubt.io.Disk;
import dev.redoubt.io.Environment;
import dev.redoubt.recovery.Engine;
import dev.redoubt.recovery.RecoveryListener;
import dev.redoubt.recovery.RecoveryReport;
import java.nio.file.Path;
import java.util.List;
import java.util.function.LongConsumer;

/** Skeleton: an embedded, ordered, transactional key-value store. */
public final class Store implements AutoCloseable {
  private Store() {}

  /** Work of a read-write transaction that gives nothing back. */
  public interface WriteBody<X extends Exception> {
    void run(WriteTx tx) throws X;
  }

  /** Work of a read-write transaction with a result. */
  public interface WriteFunction<R, X extends Exception> {
    R apply(WriteTx tx) throws X;
  }

  /** Work of a read-only transaction with a result. */
  public interface ReadFunction<R, X extends Exception> {
    R apply(ReadTx tx) throws X;
  }

  public static Store open(Path directory) {
    return open(directory, StoreOptions.defaults());
  }

  public static Store open(Path directory, StoreOptions options) {
    throw new AssertionError("skeleton");
  }

  public static Store open(
      Disk disk, Environment environment, StoreOptions options, RecoveryListener listener) {
    throw new AssertionError("skeleton");
  }

  public <X extends Exception> void write(WriteBody<X> body) throws X {
    throw new AssertionError("skeleton");
  }

  public <R, X extends Exception> R writeAndGet(WriteFunction<R, X> body) throws X {
    throw new AssertionError("skeleton");
  }

  public <R, X extends Exception> R read(ReadFunction<R, X> body) throws X {
    throw new AssertionError("skeleton");
  }

  public WriteTx beginWrite() {
    throw new AssertionError("skeleton");
  }

  public ReadTx beginRead() {
    throw new AssertionError("skeleton");
  }

  public List<String> listTrees() {
    throw new AssertionError("skeleton");
  }

  public long checkpoint() {
    throw new AssertionError("skeleton");
  }

  public StoreStats stats() {
    throw new AssertionError("skeleton");
  }

  /** Reads every page, every tree and the log; {@code progress} is told of pages read. */
  public VerifyReport verify(LongConsumer progress) {
    throw new AssertionError("skeleton");
  }

  public RecoveryReport lastRecovery() {
    throw new AssertionError("skeleton");
  }

  /** The engine below, for inspection. */
  public Engine engine() {
    throw new AssertionError("skeleton");
  }

  /** Drops everything as a crash of the process would: nothing is written. For crash tests. */
  public void abandon() {
    throw new AssertionError("skeleton");
  }

  @Override
  public void close() {
    throw new AssertionError("skeleton");
  }
}
