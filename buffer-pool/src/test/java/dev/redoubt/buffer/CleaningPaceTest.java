package dev.redoubt.buffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The pace by itself, on a clock of its own: writers dirty pages, what is due leaves at once. */
class CleaningPaceTest {
  private static final long LOOK = 10_000_000;
  private static final int FRAMES = 10_000;
  private static final int BATCH = 128;
  private static final long TARGET = 10_000_000;

  private final Load load = new Load();
  private final CleaningPace pace = new CleaningPace(FRAMES, BATCH);
  private final List<Integer> slices = new ArrayList<>();

  /** A pool in numbers: recLSNs of dirty pages, oldest first. */
  private static final class Load implements CleaningPace.View {
    private final Deque<Long> recLsns = new ArrayDeque<>();
    private long nanos = 1;
    private long endLsn = 1;
    private long dirtied;
    private boolean forceAwaited;

    void change(int pages, long bytes) {
      for (int i = 0; i < pages; i++) {
        recLsns.add(endLsn + i * bytes / pages);
      }
      dirtied += pages;
      endLsn += bytes;
    }

    long distance() {
      return recLsns.isEmpty() ? 0 : endLsn - recLsns.getFirst();
    }

    @Override
    public long nanoTime() {
      return nanos;
    }

    @Override
    public long endLsn() {
      return endLsn;
    }

    @Override
    public boolean forceAwaited() {
      return forceAwaited;
    }

    @Override
    public int dirty() {
      return recLsns.size();
    }

    @Override
    public long dirtied() {
      return dirtied;
    }

    @Override
    public int dirtyBelow(long lsn) {
      return (int) recLsns.stream().filter(recLsn -> recLsn < lsn).count();
    }

    @Override
    public boolean isOldestAtLeast(long lsn, long end) {
      return recLsns.isEmpty() || recLsns.getFirst() >= lsn;
    }
  }

  private void look(int pagesChanged, long bytesLogged) {
    load.change(pagesChanged, bytesLogged);
    load.nanos += LOOK;
    int due = pace.pagesDue(load, TARGET);
    for (int i = 0; i < due && !load.recLsns.isEmpty(); i++) {
      load.recLsns.removeFirst();
    }
    pace.wrote(due);
    slices.add(due);
  }

  @Test
  void steadyLoadIsWrittenEvenlyAndStaysBelowTheTarget() {
    // 2000 pages and 10 MB a second: the target is a second of log.
    for (int i = 0; i < 1000; i++) {
      look(20, 100_000);
      assertFalse(pace.isBehind(), "look " + i);
      assertTrue(load.distance() <= TARGET, "look " + i + ": " + load.distance());
    }
    List<Integer> settled = slices.subList(300, 1000);
    assertTrue(settled.stream().allMatch(due -> due <= 40), "bursts: " + settled);
    double mean = settled.stream().mapToInt(due -> due).average().orElseThrow();
    assertEquals(20, mean, 2);
    assertTrue(load.distance() > TARGET / 4, "written far too early: " + load.distance());
    assertTrue(load.distance() < TARGET * 0.95, "at the very edge: " + load.distance());
  }

  @Test
  void nothingIsWrittenFarBelowTheTarget() {
    for (int i = 0; i < 100; i++) {
      look(2, 10_000);
    }
    assertTrue(slices.stream().allMatch(due -> due == 0), slices::toString);
  }

  @Test
  void fewPagesWithMuchLogEachAreWrittenInTime() {
    // 3 hot pages dirtied anew once in a while: fewer than a slice, and yet in time.
    for (int i = 0; i < 1000; i++) {
      look(i % 50 == 0 ? 3 : 0, 100_000);
      assertTrue(load.distance() <= TARGET + TARGET / 8, "look " + i + ": " + load.distance());
    }
  }

  @Test
  void beyondTheTargetFullBatchesAreDueAtOnce() {
    look(500, TARGET / 4 * 5);
    assertTrue(pace.isBehind());
    assertEquals(BATCH, slices.getLast());
    load.forceAwaited = true; // yields to nobody
    look(500, TARGET / 4 * 5);
    assertEquals(BATCH, slices.getLast());
  }

  @Test
  void whoWasBehindComesOffTheEdge() {
    look(2500, TARGET / 4 * 5);
    assertTrue(pace.isBehind());
    for (int i = 0; i < 1000; i++) {
      look(20, 100_000);
    }
    List<Integer> settled = slices.subList(500, 1000);
    assertTrue(settled.stream().allMatch(due -> due <= 48), "bursts: " + settled);
    assertTrue(load.distance() < TARGET * 0.95, "at the very edge: " + load.distance());
  }

  @Test
  void framesAreKeptCleanAsFastAsTheyTurnDirty() {
    // Hardly any log, but every look dirties 50 pages: the frames run out, not the distance.
    for (int i = 0; i < 1000; i++) {
      look(50, 500);
      assertFalse(pace.isBehind(), "look " + i + ": " + load.dirty() + " dirty");
    }
    List<Integer> settled = slices.subList(500, 1000);
    assertTrue(settled.stream().allMatch(due -> due <= 100), "bursts: " + settled);
    assertEquals(50, settled.stream().mapToInt(due -> due).average().orElseThrow(), 5);
  }

  @Test
  void sliceThatIsDueWaitsForACommitButNotForLong() {
    for (int i = 0; i < 300 || slices.getLast() == 0; i++) {
      look(20, 100_000);
    }
    load.forceAwaited = true;
    load.nanos += 50_000_000; // three slices have fallen due
    assertEquals(0, pace.pagesDue(load, TARGET));
    long before = load.nanos;
    while (load.nanos - before < CleaningPace.PATIENCE_NANOS - 1_000_000) {
      load.nanos += 1_000_000;
      assertEquals(0, pace.pagesDue(load, TARGET), "after " + (load.nanos - before));
    }
    load.nanos += 1_000_000;
    assertTrue(pace.pagesDue(load, TARGET) > 0, "not for ever");
    load.forceAwaited = false;
    assertTrue(pace.pagesDue(load, TARGET) > 0, "the commit has its force, the slice is due");
  }
}
