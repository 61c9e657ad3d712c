package dev.redoubt.io;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Runs transfers so that an interrupt of the calling thread neither fails them nor is lost.
 *
 * <p>A {@code FileChannel} closes itself for everybody when a thread inside it is interrupted. The
 * interrupt is therefore put aside before the transfer, and one that arrives inside is answered by
 * {@link Recovery} (another descriptor) and a repetition from the start. Under a storm of
 * interrupts the transfer moves to a thread that nobody knows, and so always gets done. The
 * interrupt is pending again at return.
 */
final class InterruptShield {
  /** A storm must not be able to starve a force: after so many attempts a helper thread does it. */
  private static final int ATTEMPTS_ON_CALLER = 3;

  private InterruptShield() {}

  /** A transfer that may be repeated from its start. */
  @FunctionalInterface
  interface Transfer {
    long run() throws IOException;
  }

  /** Called after a channel was found closed; throws when that was meant. */
  @FunctionalInterface
  interface Recovery {
    void recover(ClosedChannelException found) throws IOException;
  }

  static long run(Transfer transfer, Recovery recovery) throws IOException {
    boolean interrupted = Thread.interrupted();
    try {
      for (int attempt = 0; ; attempt++) {
        try {
          return attempt < ATTEMPTS_ON_CALLER ? transfer.run() : onHelper(transfer);
        } catch (IOException e) {
          // Asked here: compiled code of JDK 25.0.3 was seen to pass by a handler for the subclass,
          // in a virtual thread, one run of the tests in two.
          if (!(e instanceof ClosedChannelException found)) {
            throw e;
          }
          interrupted |= Thread.interrupted();
          recovery.recover(found);
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static long onHelper(Transfer transfer) throws IOException {
    Outcome outcome = new Outcome(Thread.currentThread());
    Environment.system().start("redoubt-io", () -> outcome.become(transfer));
    boolean interrupted = false;
    while (!outcome.done) {
      LockSupport.park(outcome);
      interrupted |= Thread.interrupted();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return outcome.get();
  }

  /** What the helper thread brought back. */
  private static final class Outcome {
    private final Thread waiting;
    private long result;
    private @Nullable Throwable failure;
    private volatile boolean done;

    Outcome(Thread waiting) {
      this.waiting = waiting;
    }

    void become(Transfer transfer) {
      try {
        result = transfer.run();
      } catch (Throwable t) {
        failure = t;
      }
      done = true;
      LockSupport.unpark(waiting);
    }

    long get() throws IOException {
      return switch (failure) {
        case null -> result;
        case IOException e -> throw e;
        case RuntimeException e -> throw e;
        case Error e -> throw e;
        case Throwable t -> throw new IOException(t);
      };
    }
  }
}
