package dev.redoubt.crash.workload;

import dev.redoubt.crash.history.MicroOp;
import dev.redoubt.crash.history.Value;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A transaction that passes every step on to another; for those that change some of them. */
public class PassingTx implements Client.Tx {
  private final Client.Tx tx;

  /** Passes everything on to {@code tx}. */
  public PassingTx(Client.Tx tx) {
    this.tx = tx;
  }

  @Override
  public @Nullable Value read(String key) {
    return tx.read(key);
  }

  @Override
  public void write(String key, long value) {
    tx.write(key, value);
  }

  @Override
  public void append(String key, long element) {
    tx.append(key, element);
  }

  @Override
  public void add(String key, long delta) {
    tx.add(key, delta);
  }

  @Override
  public List<MicroOp.Entry> scan(String from, String to, boolean descending) {
    return tx.scan(from, to, descending);
  }

  @Override
  public void savepoint(int number) {
    tx.savepoint(number);
  }

  @Override
  public void rollbackTo(int number) {
    tx.rollbackTo(number);
  }

  @Override
  public void commit() {
    tx.commit();
  }

  @Override
  public void rollback() {
    tx.rollback();
  }
}
