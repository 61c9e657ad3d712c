package dev.redoubt.wal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.io.DiskFullException;
import dev.redoubt.io.EngineHaltedException;
import java.util.Map;
import java.util.NavigableMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * A seeded run of everything that a log does, for one thread and a log without threads: appends
 * with a force, a future or neither, ticks, master records, truncation, a slot, reservations. Knows
 * what was acknowledged. Goes on when it is refused for want of space.
 */
final class LogRun {
  /** What it is doing, for whoever injects failures. */
  enum Doing {
    ASKING,
    ADMITTED,
    HOUSEKEEPING
  }

  final TreeMap<Long, String> appended = new TreeMap<>();
  final TreeMap<Long, String> acknowledged = new TreeMap<>();
  final TreeMap<Long, CompletableFuture<Void>> futures = new TreeMap<>();
  private final SplittableRandom random;
  private final boolean reserving;
  private @Nullable LogReservation rollback;
  private long truncatedBelow;
  Doing doing = Doing.HOUSEKEEPING;
  int refused;
  private boolean owedAnError;

  /**
   * @param reserving every record has its space set aside first, and a reservation stays open all
   *     the time, to be used up now and then
   */
  LogRun(long seed, boolean reserving) {
    this.random = new SplittableRandom(seed);
    this.reserving = reserving;
  }

  void work(Log log, int steps) {
    for (int i = 0; i < steps; i++) {
      doing = Doing.ASKING;
      owedAnError = false;
      try {
        step(log, random.nextInt(16));
        assertFalse(owedAnError, "the disk was full, and who asked was not told");
      } catch (DiskFullException e) {
        refused++;
      }
      boolean slot = log.disk().exists(SlotLayout.file("follower"));
      assertEquals(slot, !log.followers().slots().isEmpty(), "no slot is half there");
      doing = Doing.HOUSEKEEPING;
    }
  }

  /** A failure was injected: unless it is housekeeping, whoever asked has to be told. */
  void struckWhile(Doing what) {
    owedAnError |= what != Doing.HOUSEKEEPING;
  }

  private void step(Log log, int dice) {
    if (dice < 5) {
      force(log, append(log));
    } else if (dice < 7) {
      append(log);
    } else if (dice < 9) {
      long lsn = append(log);
      futures.put(lsn, log.forceAsync(lsn));
    } else if (dice < 11) {
      doing = Doing.HOUSEKEEPING;
      log.tick();
    } else if (dice < 13) {
      checkpoint(log);
    } else if (dice == 13) {
      slot(log);
    } else if (reserving) {
      useReservation(log);
    }
  }

  private long append(Log log) {
    String text = Logs.text(random.nextInt(1000), 1 + random.nextInt(2500));
    if (!reserving) {
      return appended(log, text);
    }
    try (LogReservation _ = log.reserve(text.length() + 8L)) {
      doing = Doing.ADMITTED;
      return appended(log, text);
    } finally {
      doing = Doing.ASKING;
    }
  }

  private long appended(Log log, String text) {
    long lsn = Logs.append(log, text);
    appended.put(lsn, text);
    return lsn;
  }

  private void force(Log log, long lsn) {
    doing = Doing.ADMITTED;
    log.force(lsn);
    acknowledged.putAll(appended.headMap(lsn, true));
  }

  /** As a rollback does: what was set aside for it is there, however full the disk. */
  private void useReservation(Log log) {
    LogReservation room = rollback;
    if (room == null) {
      rollback = log.reserve(9000);
      return;
    }
    doing = Doing.ADMITTED;
    long last = 0;
    for (int i = 0; i < 5; i++) {
      last = appended(log, Logs.text(i, 1700));
      room.release(1708);
    }
    force(log, last);
    room.close();
    rollback = null;
  }

  private void checkpoint(Log log) {
    Map.Entry<Long, String> last = acknowledged.lastEntry();
    if (last != null && last.getKey() >= log.startLsn()) {
      doing = Doing.ADMITTED;
      log.writeMaster(last.getKey(), last.getKey(), false);
      truncatedBelow = last.getKey();
      doing = Doing.ASKING;
      log.truncate();
    }
  }

  private void slot(Log log) {
    if (log.followers().slots().isEmpty()) {
      log.followers().createSlot("follower", log.durableEndLsn(), 1 << 20);
    } else if (random.nextInt(3) == 0) {
      log.followers().slot("follower").delete();
    } else {
      doing = Doing.ADMITTED;
      log.followers().slot("follower").confirm(log.durableEndLsn());
    }
  }

  /** What was acknowledged and not truncated is there, and nothing that was not appended. */
  void check(Log log) {
    NavigableMap<Long, String> found = Logs.records(log);
    found.forEach((lsn, text) -> assertEquals(appended.get(lsn), text, "at " + lsn));
    noteFutures();
    acknowledged
        .tailMap(Math.max(truncatedBelow, log.startLsn()), true)
        .forEach((lsn, text) -> assertEquals(text, found.get(lsn), "lost at " + lsn));
    assertTrue(log.startLsn() <= Math.max(1, truncatedBelow));
  }

  private void noteFutures() {
    futures.forEach(
        (lsn, future) -> {
          if (future.isDone() && !future.isCompletedExceptionally()) {
            acknowledged.putAll(appended.headMap(lsn, true));
          }
        });
  }

  /** Whatever would write refuses, every future has its end, and reads go on. */
  void checkHalted(Log log) {
    assertTrue(log.gate().isHalted());
    long durable = log.durableEndLsn();
    assertThrows(EngineHaltedException.class, () -> Logs.append(log, "x"));
    refusesToForce(log, durable);
    futures.forEach((lsn, future) -> checkEnded(lsn < durable, future));
    if (!acknowledged.isEmpty()) {
      long last = acknowledged.lastKey();
      assertThrows(EngineHaltedException.class, () -> log.writeMaster(last, last, false));
    }
    assertThrows(EngineHaltedException.class, log::truncate);
    assertThrows(EngineHaltedException.class, () -> log.reserve(1 << 20));
    assertThrows(EngineHaltedException.class, () -> log.followers().createSlot("n", 0, 1 << 20));
    for (LogSlot slot : log.followers().slots()) {
      if (slot.confirmedLsn() < durable) {
        assertThrows(EngineHaltedException.class, () -> slot.confirm(durable));
      }
    }
    assertEquals(durable, log.durableEndLsn());
    NavigableMap<Long, String> found = Logs.records(log);
    acknowledged
        .tailMap(log.startLsn())
        .forEach(
            (lsn, text) -> {
              assertEquals(text, Logs.text(log.read(lsn)));
              assertEquals(text, found.get(lsn));
            });
  }

  private void refusesToForce(Log log, long durable) {
    if (log.endLsn() == durable) {
      try {
        log.tick(); // completes futures; may have nothing to write
      } catch (EngineHaltedException e) {
        assertTrue(log.gate().isHalted());
      }
      return;
    }
    assertThrows(EngineHaltedException.class, log::forceAll);
    assertThrows(EngineHaltedException.class, log::tick);
    if (!appended.isEmpty() && appended.lastKey() >= durable) {
      checkEnded(false, log.forceAsync(appended.lastKey()));
    }
  }

  private static void checkEnded(boolean durable, CompletableFuture<Void> future) {
    assertTrue(future.isDone());
    if (durable) {
      future.join();
    } else {
      CompletionException e = assertThrows(CompletionException.class, future::join);
      assertInstanceOf(EngineHaltedException.class, e.getCause());
    }
  }
}
