package dev.redoubt.crash.store;

import dev.redoubt.crash.history.MicroOp;
import dev.redoubt.crash.history.Value;
import dev.redoubt.crash.workload.AbortedException;
import dev.redoubt.crash.workload.Client;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Tells clients of a crash that happens while their store, which knows nothing of it, runs on. Off
 * goes first and the image of the disk is taken after it: a commit that returned while the power
 * was on is in the image; of one that returned later its client may not say that it was
 * acknowledged. Safe from any thread.
 */
final class PowerSwitch {
  private volatile boolean off;

  boolean isOff() {
    return off;
  }

  void off() {
    off = true;
  }

  Client wire(Client client) {
    return new Wired(client, this);
  }

  private record Wired(Client client, PowerSwitch power) implements Client {
    @Override
    public Tx begin(boolean readOnly) {
      if (power.isOff()) {
        throw new AbortedException("the power is off");
      }
      return new WiredTx(client.begin(readOnly), power);
    }

    @Override
    public void close() {
      client.close();
    }
  }

  private record WiredTx(Client.Tx tx, PowerSwitch power) implements Client.Tx {
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
      if (power.isOff()) {
        throw new IllegalStateException("the power went off before the answer came");
      }
    }

    @Override
    public void rollback() {
      tx.rollback();
    }
  }
}
