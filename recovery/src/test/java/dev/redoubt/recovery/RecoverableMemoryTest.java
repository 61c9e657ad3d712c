package dev.redoubt.recovery;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.io.DiskFullException;
import dev.redoubt.io.EngineHaltedException;
import dev.redoubt.recovery.example.HeatSimulation;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecoverableMemoryTest {
  private MemoryDisk disk = new MemoryDisk();
  private Engine engine = Engines.open(disk);

  private static byte[] read(RecoverableMemory memory, long offset, int length) {
    byte[] bytes = new byte[length];
    memory.read(offset, MemorySegment.ofArray(bytes));
    return bytes;
  }

  private static MemorySegment filled(int length, int value) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) value);
    return MemorySegment.ofArray(bytes);
  }

  @Test
  void bytesOverSeveralPagesCommitAndRollBack() {
    RecoverableMemory memory = RecoverableMemory.open(engine, "state", 50_000);
    Transaction first = engine.begin();
    memory.write(first, 3000, filled(20_000, 7));
    Engines.commit(engine, first);
    Transaction second = engine.begin();
    memory.write(second, 0, filled(50_000, 9));
    assertEquals(9, read(memory, 49_999, 1)[0]);
    second.rollback();
    byte[] all = read(memory, 0, 50_000);
    for (int i = 0; i < all.length; i++) {
      assertEquals(i >= 3000 && i < 23_000 ? 7 : 0, all[i]);
    }
    engine.close();
  }

  @Test
  void rangeIsOwnedUntilItsWriterEnds() {
    RecoverableMemory memory = RecoverableMemory.open(engine, "state", 10_000);
    Transaction one = engine.begin();
    Transaction two = engine.begin();
    memory.write(one, 100, filled(100, 1));
    memory.write(two, 200, filled(100, 2));
    RangeConflictException refused =
        assertThrows(RangeConflictException.class, () -> memory.write(two, 150, filled(100, 3)));
    assertTrue(refused.isRetryable());
    assertEquals("conflict", refused.code());
    memory.write(one, 50, filled(120, 4));
    assertThrows(RangeConflictException.class, () -> memory.write(two, 0, filled(60, 3)));
    one.rollback();
    memory.write(two, 0, filled(200, 5));
    Engines.commit(engine, two);
    assertEquals(5, read(memory, 199, 1)[0]);
    assertEquals(2, read(memory, 200, 1)[0]);
    engine.close();
  }

  @Test
  void bytesThatDoNotChangeAreNotLogged() {
    RecoverableMemory memory = RecoverableMemory.open(engine, "state", 10_000);
    Transaction one = engine.begin();
    memory.write(one, 0, filled(4000, 0));
    assertEquals(0, one.lastLsn());
    byte[] almost = new byte[4000];
    almost[2000] = 1;
    memory.write(one, 0, MemorySegment.ofArray(almost));
    LogEntry entry = new LogDump(engine.log(), java.util.List.of()).at(one.lastLsn());
    assertTrue(entry.sizeBytes() < 40, entry.toString());
    assertEquals("write 1 bytes at 2032", entry.pages().getFirst().description());
    one.rollback();
    engine.close();
  }

  @Test
  void badRangesAndLengthsAreRefused() {
    RecoverableMemory memory = RecoverableMemory.open(engine, "state", 100);
    Transaction one = engine.begin();
    assertThrows(IndexOutOfBoundsException.class, () -> memory.write(one, 99, filled(2, 1)));
    assertThrows(IndexOutOfBoundsException.class, () -> read(memory, -1, 1));
    assertThrows(
        IllegalArgumentException.class, () -> RecoverableMemory.open(engine, "state", 101));
    assertThrows(IllegalArgumentException.class, () -> RecoverableMemory.open(engine, "x", 0));
    engine.close();
  }

  @Test
  void memoryWhoseMakingIsCutOffLeavesNoPageBehind() {
    engine.close();
    for (int cut = 0; ; cut++) {
      MemoryDisk one = new MemoryDisk();
      Engine making = Engines.open(one);
      one.cutAfter(cut);
      boolean off = false;
      try {
        RecoverableMemory.open(making, "big", 200_000);
      } catch (MemoryDisk.PowerCut | EngineHaltedException cutOff) {
        off = true;
      }
      making.abandon();
      try (Engine again = Engines.open(one.afterPowerLoss())) {
        boolean there = again.roots().get("memory/big") != null;
        assertEquals(there ? 2 + 51 : 2, again.space().allocatedPages(), "cut at " + cut);
        assertEquals(200_000, RecoverableMemory.open(again, "big", 200_000).lengthBytes());
      }
      if (!off) {
        assertTrue(cut > 5);
        return;
      }
    }
  }

  @Test
  void fullDiskRefusesTheWriteAndRollsBackEverything() {
    RecoverableMemory memory = RecoverableMemory.open(engine, "state", 60_000);
    Transaction before = engine.begin();
    memory.write(before, 0, filled(60_000, 1));
    Engines.commit(engine, before);
    disk.capacity(disk.usedBytes());
    Transaction filler = engine.begin();
    int[] written = {0};
    assertThrows(
        DiskFullException.class,
        () -> {
          while (true) {
            memory.write(filler, 7000L * (written[0] % 8), filled(4000, written[0] % 100 + 2));
            written[0]++;
          }
        });
    assertTrue(written[0] > 0);
    // Rule 4: undoing everything active, and a checkpoint, fit on the full disk.
    filler.rollback();
    assertEquals(1, read(memory, 0, 1)[0]);
    assertEquals(1, read(memory, 59_999, 1)[0]);
    engine.checkpoint();
    assertTrue(!engine.log().gate().isHalted());
    engine.abandon();
    disk = disk.afterPowerLoss();
    disk.capacity(disk.usedBytes());
    engine = Engines.open(disk);
    assertEquals(1, read(RecoverableMemory.open(engine, "state", 60_000), 30_000, 1)[0]);
    disk.capacity(Long.MAX_VALUE);
    Transaction after = engine.begin();
    RecoverableMemory.open(engine, "state", 60_000).write(after, 0, filled(100, 3));
    Engines.commit(engine, after);
    engine.close();
  }

  @Test
  void preparedWriterOwnsItsRangesAfterTheCrash() {
    RecoverableMemory memory = RecoverableMemory.open(engine, "state", 10_000);
    Transaction branch = engine.begin();
    memory.write(branch, 4000, filled(200, 1));
    branch.prepare(new byte[] {1}, new byte[0]);
    engine.abandon();
    disk = disk.afterPowerLoss();
    engine = Engines.open(disk);
    RecoverableMemory again = RecoverableMemory.open(engine, "state", 10_000);
    Transaction other = engine.begin();
    assertThrows(RangeConflictException.class, () -> again.write(other, 4199, filled(1, 2)));
    again.write(other, 4200, filled(1, 2));
    engine.unfinished().getFirst().rollback();
    again.write(other, 4000, filled(200, 3));
    Engines.commit(engine, other);
    assertEquals(3, read(again, 4100, 1)[0]);
    engine.close();
  }

  @Test
  void randomWritesMatchAnArrayOverCrashes() {
    long seed = 99;
    SplittableRandom random = new SplittableRandom(seed);
    byte[] expected = new byte[30_000];
    for (int round = 0; round < 10; round++) {
      RecoverableMemory memory = RecoverableMemory.open(engine, "state", expected.length);
      assertArrayEquals(expected, read(memory, 0, expected.length), "seed " + seed);
      for (int i = 0; i < 20; i++) {
        byte[] next = expected.clone();
        Transaction transaction = engine.begin();
        for (int w = 0; w < 3; w++) {
          byte[] bytes = new byte[1 + random.nextInt(9000)];
          random.nextBytes(bytes);
          int offset = random.nextInt(expected.length - bytes.length);
          memory.write(transaction, offset, MemorySegment.ofArray(bytes));
          System.arraycopy(bytes, 0, next, offset, bytes.length);
        }
        if (random.nextBoolean()) {
          Engines.commit(engine, transaction);
          expected = next;
        } else {
          transaction.rollback();
        }
        engine.pool().cleanSome(2);
      }
      memory.write(engine.begin(), 0, filled(30_000, 1));
      engine.log().forceAll();
      engine.checkpoint();
      engine.abandon();
      disk = disk.afterPowerLoss();
      engine = Engines.open(disk);
    }
    engine.close();
  }

  @Test
  void killedHeatSimulationEndsLikeOneThatWasNeverKilled() {
    int side = 48;
    HeatSimulation whole = new HeatSimulation(engine, side);
    whole.runTo(30);
    engine.close();

    MemoryDisk killed = new MemoryDisk();
    Engine running = Engines.open(killed);
    SplittableRandom random = new SplittableRandom(5);
    int kills = 0;
    while (true) {
      killed.cutAfter(10 + random.nextInt(30));
      try {
        HeatSimulation simulation = new HeatSimulation(running, side);
        simulation.runTo(30);
        assertEquals(whole.fingerprint(), simulation.fingerprint());
        break;
      } catch (MemoryDisk.PowerCut | EngineHaltedException kill) {
        kills++;
      }
      running.abandon();
      killed = kills % 2 == 0 ? killed.afterPowerLoss() : killed.afterProcessDeath();
      running = Engines.open(killed);
    }
    assertTrue(kills > 2, "only " + kills + " kills");
    running.abandon();
  }

  @Test
  void heatSimulationRunsInAFolder(@TempDir Path folder) {
    HeatSimulation.main(new String[] {folder.resolve("heat").toString(), "3", "32"});
    HeatSimulation.main(new String[] {folder.resolve("heat").toString(), "5", "32"});
    assertTrue(folder.resolve("heat").toFile().isDirectory());
    assertEquals(8, ValueLayout.JAVA_LONG.byteSize());
  }
}
