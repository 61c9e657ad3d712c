package dev.redoubt.buffer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The oldest dirty pages of a pool that is worth looking at for more than one batch. */
class OldestFirstTest {
  private static final int FRAMES = 2048; // one look finds 16

  private final FakeLog log = new FakeLog();
  private final Fixture fixture =
      new Fixture(new MemoryDisk(), log, new BufferPoolOptions(FRAMES, false));
  private final Frames frames = fixture.pool.frames();
  private final OldestFirst oldest = new OldestFirst(frames);

  private void create(int count) {
    for (int id = 1; id <= count; id++) {
      fixture.create(id, id);
    }
  }

  private List<Long> take(int count) {
    List<Frame> taken = new ArrayList<>();
    oldest.begin();
    for (Frame next = oldest.next(); next != null; next = oldest.next()) {
      next.picked = true;
      taken.add(next);
      if (taken.size() == count) {
        break;
      }
    }
    taken.forEach(frame -> frame.picked = false);
    return taken.stream().map(Frame::pageId).toList();
  }

  private void clean(long pageId) {
    frames.markClean(Objects.requireNonNull(frames.table.get(pageId)));
  }

  @Test
  void batchesGoOnInTheOrderOfRecLsns() {
    create(40);
    assertEquals(List.of(1L, 2L, 3L), take(3));
    assertEquals(List.of(4L, 5L, 6L), take(3));
  }

  @Test
  void whatIsCleanOrYoungerMeanwhileIsLeftOut() {
    create(40);
    assertEquals(List.of(1L), take(1));
    clean(2);
    clean(3);
    fixture.write(3, 33); // dirty again, and the youngest of all
    try (PageGuard held = fixture.pool.exclusive(4)) {
      assertEquals(4, held.pageId());
      assertEquals(List.of(5L, 6L), take(2));
    }
  }

  @Test
  void whatWasFoundIsNotTheLastWord() {
    create(20);
    assertEquals(List.of(1L), take(1));
    for (long id = 1; id <= 16; id++) {
      clean(id);
    }
    assertEquals(List.of(17L, 18L, 19L, 20L), take(9));
    assertEquals(List.of(17L, 18L), take(2)); // nobody has written them
  }

  @Test
  void anOldPageThatArrivesComesNext() {
    create(40);
    assertEquals(List.of(1L, 2L), take(2));
    clean(1);
    clean(2);
    clean(30);
    try (PageGuard guard = fixture.pool.forRedo(30)) {
      guard.prepareRedo(4096); // older than all that is dirty
    }
    assertEquals(List.of(30L, 3L), take(2));
  }

  @Test
  void writingWhatWasTakenWritesEverythingOldestFirst() {
    create(500);
    SplittableRandom random = new SplittableRandom(5);
    long written = 0;
    while (frames.dirtyCount() > 0) {
      TreeMap<Long, Long> byRecLsn = new TreeMap<>();
      fixture.pool.dirtyPages().forEach(page -> byRecLsn.put(page.recLsn(), page.pageId()));
      int count = 1 + random.nextInt(40);
      List<Long> taken = take(count);
      assertEquals(byRecLsn.values().stream().limit(count).toList(), taken);
      taken.forEach(this::clean);
      written += taken.size();
      if (written < 2000) {
        fixture.write(1 + random.nextInt(500), written);
      }
    }
  }
}
