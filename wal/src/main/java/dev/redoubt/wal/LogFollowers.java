package dev.redoubt.wal;

import dev.redoubt.io.Environment;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Tail cursors of a log, and the slots that keep a follower's place. Thread-safe.
 *
 * <p>Of a log that was opened for inspection it follows the files, whoever writes them: what is
 * known durable from outside is what a later batch, a segment's header or the master record calls
 * so, which lags behind the writer by at most its sealing. Such a cursor cannot hold the log.
 */
public final class LogFollowers {
  private final LogReading reading;
  private final Environment environment;
  private final LogOptions options;
  private final LongSupplier end;
  private final LiveEnd live;
  private final Slots slots;

  /**
   * Finds the slots on disk and has them hold the log.
   *
   * @param end durable end of the log
   * @param checkWritable throws if the log cannot be written
   */
  LogFollowers(
      LogReading reading,
      Environment environment,
      LogOptions options,
      LongSupplier end,
      Runnable checkWritable) {
    this.reading = reading;
    this.environment = environment;
    this.options = options;
    this.end = end;
    this.live = new LiveEnd(environment, reading.disk().gate(), reading.holders(), end);
    this.slots = new Slots(reading, end, checkWritable, this::tailOf);
    slots.load(!reading.isInspection());
  }

  /**
   * A tail cursor from the first record at or above {@code fromLsn}. It holds the log where it
   * stands, in memory only, and no more than {@code maxRetainedBytes} of it.
   *
   * @param fromLsn 0 for the start of the log, {@link Log#durableEndLsn} for what comes from now
   *     on, or the {@link LogTail#positionLsn} of an earlier cursor
   * @param maxRetainedBytes most log that it may hold back from recycling; a cursor that lags
   *     further may lose its place
   * @throws LogPositionLostException if the log no longer reaches back so far
   * @throws IllegalArgumentException if it does not reach so far yet
   */
  public LogTail tail(long fromLsn, long maxRetainedBytes) {
    checkBound(maxRetainedBytes);
    checkFrom(fromLsn);
    if (reading.isInspection()) {
      String why = "its writer needs it no more, and only a slot holds it for a follower";
      return open(
          fromLsn == 0 ? reading.holders().startLsn() : fromLsn,
          new OwnClaim("a follower from outside", why, () -> {}),
          null);
    }
    LogHolder holder = hold(fromLsn, maxRetainedBytes);
    String why =
        "it held more than its " + maxRetainedBytes + " bytes, or had to give way to the log's cap";
    return open(holder.lsn(), new OwnClaim("a tail cursor", why, holder::close), holder);
  }

  /** A cursor over this process's log, or over files that another process may be writing. */
  private LogTail open(long fromLsn, FileLogTail.Claim claim, @Nullable LogHolder holder) {
    FileLogTail.Cursors cursors = (at, limit) -> reading.cursor(at, limit, holder);
    if (!reading.isInspection()) {
      return new FileLogTail(live, false, claim, fromLsn, cursors);
    }
    WatchedEnd watched =
        new WatchedEnd(
            reading.disk(),
            environment,
            reading.geometry(),
            options.caching(),
            reading.geometry().segmentOf(fromLsn),
            options.asyncForceInterval().toNanos());
    return new FileLogTail(watched, true, claim, fromLsn, cursors);
  }

  private LogHolder hold(long fromLsn, long maxRetainedBytes) {
    while (true) {
      long start = reading.holders().startLsn();
      try {
        long from = fromLsn == 0 ? start : fromLsn;
        return reading.holders().hold("tail", from, maxRetainedBytes, () -> {});
      } catch (IllegalArgumentException e) {
        if (fromLsn != 0) {
          throw new LogPositionLostException(
              "a follower", fromLsn, reading.holders().startLsn(), "nothing held it");
        }
        // The log was truncated in between: its start is further on.
      }
    }
  }

  private LogTail tailOf(FileLogSlot slot) {
    FileLogTail.Claim claim =
        new FileLogTail.Claim() {
          @Override
          public void check() {
            slot.check();
          }

          @Override
          public LogPositionLostException lost(long fromLsn, long toLsn) {
            return slot.lost(fromLsn, toLsn);
          }

          @Override
          public void end() {
            // The slot goes on.
          }
        };
    return open(slot.confirmedLsn(), claim, null);
  }

  /**
   * Makes a slot. At return it is durable and holds the log.
   *
   * @param name 1 to 63 of {@code a-z 0-9 _ -}, not beginning with {@code -}
   * @param fromLsn as for {@link #tail}
   * @param maxRetainedBytes most log that it holds; kept with the slot
   * @throws IllegalStateException if there is a slot of that name, or the log cannot be written
   * @throws LogPositionLostException if the log no longer reaches back so far
   * @throws dev.redoubt.io.DiskFullException if there is no space; there is no slot then
   */
  public LogSlot createSlot(String name, long fromLsn, long maxRetainedBytes) {
    if (!SlotLayout.isName(name)) {
      throw new IllegalArgumentException(
          "a slot's name is 1 to 63 of a-z 0-9 _ -, and does not begin with -: '" + name + "'");
    }
    checkBound(maxRetainedBytes);
    checkFrom(fromLsn);
    return slots.create(
        name, fromLsn == 0 ? reading.holders().startLsn() : fromLsn, maxRetainedBytes);
  }

  /**
   * The slot of that name, whatever its state.
   *
   * @throws IllegalArgumentException if there is none
   */
  public LogSlot slot(String name) {
    LogSlot slot = slots.find(name);
    if (slot == null) {
      String known = slots().stream().map(LogSlot::name).collect(Collectors.joining(", "));
      throw new IllegalArgumentException(
          "there is no slot '" + name + "'; there are: " + (known.isEmpty() ? "none" : known));
    }
    return slot;
  }

  /** All slots, by name. */
  public List<LogSlot> slots() {
    return slots.list();
  }

  private static void checkBound(long maxRetainedBytes) {
    if (maxRetainedBytes <= 0) {
      throw new IllegalArgumentException("maxRetainedBytes is not positive: " + maxRetainedBytes);
    }
  }

  private void checkFrom(long fromLsn) {
    if (fromLsn < 0 || fromLsn > end.getAsLong()) {
      throw new IllegalArgumentException(
          "LSN "
              + fromLsn
              + " is beyond the durable end of the log, "
              + end.getAsLong()
              + ": was an older copy of the log put back?");
    }
  }

  /** The durable end has moved. */
  void wake() {
    live.wake();
  }

  /** The log is closed: its cursors end. */
  void close() {
    live.close();
  }

  private record OwnClaim(String who, String why, Runnable onEnd) implements FileLogTail.Claim {
    @Override
    public void check() {
      // Nothing but the log itself says that the place is lost.
    }

    @Override
    public LogPositionLostException lost(long fromLsn, long toLsn) {
      return new LogPositionLostException(who, fromLsn, toLsn, why);
    }

    @Override
    public void end() {
      onEnd.run();
    }
  }
}
