package dev.redoubt.buffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.io.Environment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class VictimsTest {
  private final Frames frames = new Frames(8, Fixture.PAGE);
  private final Policy policy = new Policy();
  private final Victims victims = new Victims(policy);

  /** Spares whom it is told to, and remembers who was refused. */
  private static final class Policy implements ReplacementPolicy {
    final Set<Frame> spared = new HashSet<>();
    final List<Frame> refused = new ArrayList<>();
    final Queue<Frame> next = new ArrayDeque<>();

    @Override
    public void loaded(Frame frame) {}

    @Override
    public void touched(Frame frame) {}

    @Override
    public void removed(Frame frame) {}

    @Override
    public @Nullable Frame nextVictim() {
      return next.poll();
    }

    @Override
    public boolean spares(Frame frame) {
      return spared.contains(frame);
    }

    @Override
    public void refused(Frame frame) {
      refused.add(frame);
    }
  }

  private Frame dirty(int index) {
    Frame frame = frames.at(index);
    frame.setRecLsn(100);
    return frame;
  }

  @Test
  void aFrameNamedAgainAndAgainWaitsOnce() {
    Frame frame = dirty(0);
    for (int i = 0; i < 5; i++) {
      victims.toClean(frame);
    }
    assertEquals(1, victims.toCleanCount());
    assertEquals(List.of(frame), victims.takeDirty(10));
    assertEquals(0, victims.toCleanCount());
  }

  @Test
  void whatHasBeenWrittenMakesRoomInTheOrderInWhichItWasNamed() {
    victims.toClean(dirty(0));
    victims.toClean(dirty(1));
    List<Frame> batch = victims.takeDirty(10);
    batch.forEach(frame -> frame.setRecLsn(0));
    victims.cleaned(batch);
    assertEquals(2, victims.cleanedCount());
    assertSame(frames.at(0), victims.nextCleaned());
    assertSame(frames.at(1), victims.nextCleaned());
    assertNull(victims.nextCleaned());
    victims.toClean(dirty(0)); // it may become one again
    assertEquals(1, victims.toCleanCount());
  }

  @Test
  void whatWasTouchedMeanwhileIsNeitherWrittenNorEvicted() {
    victims.toClean(dirty(0));
    victims.toClean(dirty(1));
    policy.spared.add(frames.at(0));
    List<Frame> batch = victims.takeDirty(10);
    assertEquals(List.of(frames.at(1)), batch);
    frames.at(1).setRecLsn(0);
    victims.cleaned(batch);
    policy.spared.add(frames.at(1));
    assertNull(victims.nextCleaned());
    assertEquals(0, victims.cleanedCount());
  }

  @Test
  void whatIsDirtyAfterTheCleanerGoesBackToThePolicy() {
    victims.toClean(dirty(0));
    victims.cleaned(victims.takeDirty(10));
    assertEquals(List.of(frames.at(0)), policy.refused);
    assertEquals(0, victims.cleanedCount());
  }

  @Test
  void aVictimThatWasWrittenInItsTurnMakesRoomWithoutAWrite() {
    List<Frames> pooled = new ArrayList<>();
    FakeLog log = new FakeLog();
    try (PageStore store = FilePageStore.open(new MemoryDisk(), FakeLog.STORE, Fixture.PAGE, true);
        BufferPool pool =
            new BufferPool(
                store,
                log,
                Environment.system(),
                new BufferPoolOptions(16, false),
                framesOfPool -> {
                  pooled.add(framesOfPool);
                  return policy;
                },
                HitSampler.oneIn(16))) {
      store.restoreTorn(id -> false);
      store.ensureCapacity(20);
      for (long pageId = 1; pageId <= 16; pageId++) {
        format(pool, log, pageId);
      }
      pool.flushAll();
      format(pool, log, 1);
      policy.next.addAll(List.of(pooled.getFirst().at(0), pooled.getFirst().at(1)));
      format(pool, log, 17); // page 1 is dirty and is to be written; page 2 makes room
      pool.flushAll();
      format(pool, log, 3);
      long written = pool.stats().pagesWritten();
      format(pool, log, 18);
      assertEquals(written, pool.stats().pagesWritten());
      assertEquals(18, pooled.getFirst().at(0).pageId());
    }
  }

  private static void format(BufferPool pool, FakeLog log, long pageId) {
    try (PageGuard guard = pool.fresh(pageId)) {
      guard.prepareChange();
      PageLayout.format(guard.page(), pageId, 1, 7);
      guard.changed(log.append());
    }
  }

  @Test
  void aBatchIsNoLongerThanAskedFor() {
    for (int i = 0; i < 6; i++) {
      victims.toClean(dirty(i));
    }
    assertEquals(4, victims.takeDirty(4).size());
    assertTrue(victims.toCleanCount() == 2 && victims.takeDirty(4).size() == 2);
  }
}
