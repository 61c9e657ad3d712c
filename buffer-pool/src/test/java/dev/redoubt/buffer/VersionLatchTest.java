package dev.redoubt.buffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VersionLatchTest {
  private static final long PAGE = 5;

  private final LatchQueue queue = new LatchQueue();
  private final VersionLatch latch = new VersionLatch(queue);
  private final Threads threads = new Threads();

  @BeforeEach
  void tag() {
    assertTrue(latch.tryExclusive(0));
    latch.retag(PAGE);
    latch.releaseExclusive();
  }

  @Test
  void sharedHoldersStandBesideEachOtherAndKeepWritersOut() {
    assertTrue(latch.shared(PAGE));
    assertTrue(latch.shared(PAGE));
    assertFalse(latch.tryExclusive(PAGE));
    latch.releaseShared();
    assertFalse(latch.tryExclusive(PAGE));
    latch.releaseShared();
    assertTrue(latch.tryExclusive(PAGE));
    assertFalse(latch.tryShared(PAGE));
    assertFalse(latch.tryExclusive(PAGE));
    latch.releaseExclusive();
    assertFalse(latch.isHeld());
  }

  @Test
  void aStampIsGoodUntilSomebodyHasHeldTheLatchExclusively() {
    long stamp = latch.optimistic();
    assertTrue(latch.validate(stamp));
    latch.shared(PAGE);
    assertTrue(latch.validate(stamp));
    latch.releaseShared();
    assertTrue(latch.validate(stamp));
    latch.exclusive(PAGE);
    assertFalse(latch.validate(stamp));
    assertEquals(VersionLatch.NO_STAMP, latch.optimistic());
    assertFalse(latch.validate(VersionLatch.NO_STAMP));
    latch.releaseExclusive();
    assertFalse(latch.validate(stamp));
    assertTrue(latch.validate(latch.optimistic()));
  }

  @Test
  void aStampTurnsIntoAnExclusiveHoldOnlyIfNobodyWrote() {
    long stamp = latch.optimistic();
    latch.shared(PAGE);
    assertFalse(latch.tryExclusiveAt(stamp));
    latch.releaseShared();
    assertTrue(latch.tryExclusiveAt(stamp));
    latch.releaseExclusive();
    assertFalse(latch.tryExclusiveAt(stamp));
    assertFalse(latch.isHeld());
  }

  @Test
  void aLatchOfAnotherPageIsNotTaken() {
    assertFalse(latch.shared(6));
    assertFalse(latch.exclusive(6));
    assertFalse(latch.tryShared(6));
    assertFalse(latch.tryExclusive(6));
    assertFalse(latch.isHeld());
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aSleeperGivesUpWhenTheFrameChangesItsPage(boolean exclusive) {
    latch.exclusive(PAGE);
    AtomicBoolean taken = new AtomicBoolean(true);
    Thread sleeper =
        threads.start(() -> taken.set(exclusive ? latch.exclusive(PAGE) : latch.shared(PAGE)));
    Threads.awaitSleep(sleeper);
    latch.retag(6);
    threads.join(); // while the latch is still held
    assertFalse(taken.get());
    latch.releaseExclusive();
    assertTrue(latch.shared(6));
    latch.releaseShared();
    assertTrue(latch.tryExclusive(6));
  }

  @Test
  void aSleepingWriterKeepsNewReadersOutAndHasItsTurn() {
    latch.shared(PAGE);
    AtomicInteger order = new AtomicInteger();
    AtomicInteger writerAt = new AtomicInteger();
    AtomicInteger readerAt = new AtomicInteger();
    Thread writer =
        threads.start(
            () -> {
              latch.exclusive(PAGE);
              writerAt.set(order.incrementAndGet());
              latch.releaseExclusive();
            });
    Threads.awaitSleep(writer);
    Thread reader =
        threads.start(
            () -> {
              latch.shared(PAGE);
              readerAt.set(order.incrementAndGet());
              latch.releaseShared();
            });
    Threads.awaitSleep(reader);
    assertEquals(0, order.get());
    latch.releaseShared();
    threads.join();
    assertEquals(1, writerAt.get());
    assertEquals(2, readerAt.get());
  }

  @Test
  void aWriterThatGivesUpLetsTheReadersPass() {
    latch.shared(PAGE);
    Thread writer =
        threads.start(
            () -> {
              if (latch.exclusive(PAGE)) {
                latch.releaseExclusive();
              }
            });
    Threads.awaitSleep(writer);
    Thread reader =
        threads.start(
            () -> {
              if (latch.shared(PAGE)) {
                latch.releaseShared();
              }
            });
    Threads.awaitSleep(reader);
    latch.releaseShared();
    latch.exclusive(PAGE);
    latch.retag(7);
    latch.releaseExclusive();
    threads.join();
    assertTrue(latch.shared(7));
    latch.releaseShared();
  }

  @Test
  void downgradingLetsReadersInAndKeepsWritersOut() {
    latch.exclusive(PAGE);
    Thread reader = threads.start(() -> latch.shared(PAGE));
    Threads.awaitSleep(reader);
    latch.downgrade();
    threads.join();
    assertFalse(latch.tryExclusive(PAGE));
    latch.releaseShared();
    latch.releaseShared();
    assertFalse(latch.isHeld());
  }

  @Test
  void aWriterGetsThroughAStreamOfReaders() {
    AtomicBoolean done = new AtomicBoolean();
    for (int i = 0; i < 4; i++) {
      threads.start(
          () -> {
            // Overlapping holds: without the writer's mark there is hardly ever nobody.
            latch.shared(PAGE);
            while (!done.get() && !threads.failed()) {
              latch.releaseShared();
              latch.shared(PAGE);
            }
            latch.releaseShared();
          });
    }
    threads.start(
        () -> {
          for (int i = 0; i < 2_000; i++) {
            latch.exclusive(PAGE);
            latch.releaseExclusive();
          }
          done.set(true);
        });
    threads.join();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void noIncrementIsLostAndNoReaderSeesHalfOfOne(boolean virtual) {
    MemorySegment page = Arena.ofAuto().allocate(4096);
    int writers = virtual ? 50 : 4;
    int rounds = virtual ? 400 : 5_000;
    for (int i = 0; i < writers; i++) {
      Runnable writer =
          () -> {
            for (int round = 0; round < rounds; round++) {
              assertTrue(latch.exclusive(PAGE));
              increment(page);
              latch.releaseExclusive();
            }
          };
      Runnable reader =
          () -> {
            for (int round = 0; round < rounds; round++) {
              assertTrue(latch.shared(PAGE));
              assertEquals(page.get(PageLayout.LONG, 0), page.get(PageLayout.LONG, 4088));
              latch.releaseShared();
            }
          };
      if (virtual) {
        threads.startVirtual(writer);
        threads.startVirtual(reader);
      } else {
        threads.start(writer);
        threads.start(reader);
      }
    }
    threads.join();
    assertEquals((long) writers * rounds, page.get(PageLayout.LONG, 0));
    assertFalse(latch.isHeld());
  }

  @Test
  void aValidatedReadNeverSeesHalfAWrite() {
    MemorySegment page = Arena.ofAuto().allocate(4096);
    AtomicBoolean done = new AtomicBoolean();
    AtomicInteger validated = new AtomicInteger();
    threads.start(
        () -> {
          for (int i = 0; i < 200_000 || validated.get() < 1_000; i++) {
            latch.exclusive(PAGE);
            increment(page);
            latch.releaseExclusive();
            if (threads.failed()) {
              break;
            }
          }
          done.set(true);
        });
    for (int i = 0; i < 3; i++) {
      threads.start(
          () -> {
            while (!done.get()) {
              long stamp = latch.optimistic();
              long first = page.get(PageLayout.LONG, 0);
              long second = page.get(PageLayout.LONG, 4088);
              if (latch.validate(stamp)) {
                assertEquals(first, second);
                validated.incrementAndGet();
              }
            }
          });
    }
    threads.join();
    assertTrue(validated.get() >= 1_000);
  }

  private static void increment(MemorySegment page) {
    page.set(PageLayout.LONG, 0, page.get(PageLayout.LONG, 0) + 1);
    page.set(PageLayout.LONG, 4088, page.get(PageLayout.LONG, 4088) + 1);
  }
}
