package dev.redoubt.recovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.io.CorruptionException;
import dev.redoubt.io.Environment;
import dev.redoubt.io.NotAStoreException;
import dev.redoubt.io.StoreLockedException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class EngineTest {
  private final Cells cells = Engines.CELLS;
  private final MemoryDisk disk = new MemoryDisk();

  @Test
  void missingStoreIsNotCreatedUnlessAsked() {
    assertThrows(
        NotAStoreException.class,
        () -> Engines.open(disk, Engines.SMALL.withCreateIfMissing(false)));
    assertTrue(disk.list().isEmpty());
  }

  @Test
  void secondOpeningIsLockedOut() {
    try (Engine engine = Engines.open(disk)) {
      assertThrows(StoreLockedException.class, () -> Engines.open(disk));
      assertEquals(0, engine.stats().activeTransactions());
    }
    Engines.open(disk).close();
  }

  @Test
  void pageSizeIsTheStoresAndAnotherOneIsRefused() {
    Engines.open(disk).close();
    OptionsMismatchException refused =
        assertThrows(
            OptionsMismatchException.class,
            () -> Engines.open(disk, Engines.SMALL.withPageSize(8192)));
    assertEquals("options-mismatch", refused.code());
    try (Engine engine = Engines.open(disk, Engines.SMALL.withPageSize(0))) {
      assertEquals(4096, engine.pool().pageSize());
    }
  }

  @Test
  void unregisteredManagerRefusesOpeningBeforeAnyWrite() {
    for (boolean clean : new boolean[] {true, false}) {
      Engine engine = Engines.open(disk);
      long page = cells.makePage(engine);
      Transaction transaction = engine.begin();
      cells.set(engine, transaction, page, 0, 1);
      Engines.commit(engine, transaction);
      if (clean) {
        engine.close();
      } else {
        engine.abandon();
      }
      long writes = disk.writes();
      assertThrows(
          UnregisteredManagerException.class,
          () ->
              Engine.open(
                  disk, Environment.system(), Engines.SMALL, List.of(), RecoveryListener.NONE));
      // Rule 13 has restart force what a dead process left; nothing else may be touched.
      assertFalse(disk.writes() > writes + 10);
      try (Engine again = Engines.open(disk)) {
        assertEquals(1, Cells.get(again, page, 0));
      }
    }
  }

  @Test
  void managersThatShareAnIdAreRefused() {
    assertThrows(
        IllegalArgumentException.class,
        () ->
            Engine.open(
                disk,
                Environment.system(),
                Engines.SMALL,
                List.of(cells, new Cells()),
                RecoveryListener.NONE));
  }

  @Test
  void logDamagedBelowTheWatermarkRefusesOpeningAndWritesNothing() {
    Engine engine = Engines.open(disk);
    long page = cells.makePage(engine);
    for (int i = 0; i < 20; i++) {
      Transaction transaction = engine.begin();
      cells.set(engine, transaction, page, 0, i);
      Engines.commit(engine, transaction);
    }
    engine.abandon();
    String segment =
        disk.list().stream().filter(name -> name.startsWith("log-")).findFirst().orElseThrow();
    disk.put(segment, 6 * 4096 + 80, new byte[] {7, 7, 7, 7});
    long writes = disk.writes();
    assertThrows(CorruptionException.class, () -> Engines.open(disk));
    assertThrows(CorruptionException.class, () -> Engines.open(disk));
    assertTrue(disk.writes() <= writes + 20);
  }

  @Test
  void closedEngineRefusesWork() {
    Engine engine = Engines.open(disk);
    engine.close();
    engine.close();
    engine.abandon();
    assertThrows(IllegalStateException.class, engine::begin);
    assertThrows(IllegalStateException.class, () -> Engines.change(engine, new AtomicChange()));
  }

  @Test
  void haltedEngineClosesWithoutWriting() {
    Engine engine = Engines.open(disk);
    engine.log().gate().halt(new IllegalStateException("test"));
    long writes = disk.writes();
    engine.close();
    assertEquals(writes, disk.writes());
    Engines.open(disk).close();
  }

  @Test
  void listenerSeesThePhasesInOrder() {
    Engine engine = Engines.open(disk);
    long page = cells.makePage(engine);
    cells.set(engine, engine.begin(), page, 0, 1);
    engine.log().forceAll();
    engine.abandon();
    List<RecoveryListener.Phase> phases = new ArrayList<>();
    Engine.open(
            disk,
            Environment.system(),
            Engines.SMALL,
            List.of(cells),
            progress -> {
              if (phases.isEmpty() || phases.getLast() != progress.phase()) {
                phases.add(progress.phase());
              }
            })
        .close();
    assertEquals(List.of(RecoveryListener.Phase.values()), phases);
  }

  @Test
  void optionsOutOfRangeAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> Engines.SMALL.withPageSize(5000));
    assertThrows(IllegalArgumentException.class, () -> Engines.SMALL.withPageSize(1 << 17));
    assertThrows(IllegalArgumentException.class, () -> Engines.SMALL.withFrames(3));
    assertThrows(
        IllegalArgumentException.class,
        () -> Engines.open(disk, Engines.SMALL.withLog(Engines.SMALL.log().withBuffers(2, 8192))));
  }

  @Test
  void backgroundThreadTakesCheckpointsByBytes() throws InterruptedException {
    EngineOptions options =
        Engines.SMALL.withBackground(true).withCheckpoints(4096, java.time.Duration.ofDays(1));
    try (Engine engine = Engines.open(disk, options)) {
      long page = cells.makePage(engine);
      long before = engine.stats().lastCheckpointLsn();
      long deadline = System.nanoTime() + 120_000_000_000L;
      while (engine.stats().lastCheckpointLsn() == before) {
        Transaction transaction = engine.begin();
        cells.set(engine, transaction, page, 0, 1);
        Engines.commit(engine, transaction);
        assertTrue(System.nanoTime() < deadline, "no checkpoint was taken");
      }
    }
  }
}
