package dev.redoubt.crash.store;

import dev.redoubt.crash.workload.AbortedException;
import dev.redoubt.crash.workload.Client;
import dev.redoubt.crash.workload.PassingTx;

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

  private static final class WiredTx extends PassingTx {
    private final PowerSwitch power;

    WiredTx(Client.Tx tx, PowerSwitch power) {
      super(tx);
      this.power = power;
    }

    @Override
    public void commit() {
      super.commit();
      if (power.isOff()) {
        throw new IllegalStateException("the power went off before the answer came");
      }
    }
  }
}
