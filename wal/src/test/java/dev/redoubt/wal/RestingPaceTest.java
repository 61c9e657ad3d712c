package dev.redoubt.wal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.redoubt.io.Environment;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** Making segments ahead leaves the disk to others, unless the log would soon wait for them. */
final class RestingPaceTest {
  private static final int PIECES = 64;
  private static final long SPACE = 1000;

  private final AtomicLong left = new AtomicLong(SPACE);
  private long clockReadings;
  private final RestingPace pace = new RestingPace(new CountingClock(), left::get);

  /** Stands still: no rest takes time. */
  private final class CountingClock implements Environment {
    @Override
    public Thread start(String name, Runnable body) {
      throw new AssertionError("no thread");
    }

    @Override
    public long nanoTime() {
      clockReadings++;
      return 0;
    }

    @Override
    public Instant now() {
      return Instant.EPOCH;
    }

    @Override
    public RandomGenerator random() {
      throw new AssertionError("no randomness");
    }
  }

  /** How many rests there are while the log uses so much of the space for each piece. */
  private int rests(long usedPerPiece) {
    pace.begin();
    int rests = 0;
    for (int piece = 1; piece <= PIECES; piece++) {
      left.addAndGet(-usedPerPiece);
      long before = clockReadings;
      pace.rest((double) piece / PIECES);
      rests += clockReadings - before == 2 ? 1 : 0; // to know how long to rest, and afterwards
    }
    return rests;
  }

  @Test
  void eachPieceIsFollowedByARestWhileTheLogIsSlow() {
    assertEquals(PIECES, rests(0));
    assertEquals(PIECES, rests(SPACE / PIECES / 2));
  }

  @Test
  void thereIsNoRestWhileTheLogUsesItsSpaceUpFaster() {
    assertEquals(0, rests(SPACE / PIECES));
  }

  @Test
  void thereIsNoRestWhereMoreIsPromisedThanThereIs() {
    left.set(-1);
    assertEquals(0, rests(0));
  }

  @Test
  void thereIsNoRestWhenSomebodyWaitsForTheThread() {
    pace.hurry();
    assertEquals(0, rests(0));
  }
}
