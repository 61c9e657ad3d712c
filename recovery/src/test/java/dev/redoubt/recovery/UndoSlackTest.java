package dev.redoubt.recovery;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.io.DiskFullException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is kept for undo stays kept: on a full disk nobody else gets at it. */
final class UndoSlackTest {
  private final MemoryDisk disk = new MemoryDisk();

  private static void takeAllLog(Engine engine) {
    assertThrows(
        DiskFullException.class,
        () -> {
          while (true) {
            engine.log().reserve(512);
          }
        });
  }

  @Test
  void lentSpaceIsPromisedToNobodyElseAndComesBack() {
    try (Engine engine = Engines.open(disk)) {
      disk.capacity(disk.usedBytes());
      takeAllLog(engine);
      assertThrows(DiskFullException.class, () -> engine.structureSpace().room(1));
      List<ChangeRoom> rooms = new ArrayList<>();
      DiskFullException out =
          assertThrows(
              DiskFullException.class,
              () -> {
                while (true) {
                  rooms.add(engine.slack().room(1));
                  assertThrows(DiskFullException.class, () -> engine.log().reserve(512));
                }
              });
      assertTrue(String.valueOf(out.getMessage()).contains("8192 bytes of log"), out::toString);
      assertTrue(rooms.size() >= 8, () -> rooms.size() + " rooms");
      rooms.forEach(ChangeRoom::close);
      assertThrows(DiskFullException.class, () -> engine.log().reserve(512));
      for (int i = 0; i < 100; i++) {
        engine.slack().room(1).close();
      }
      disk.capacity(Long.MAX_VALUE);
    }
  }

  @Test
  void lastPagesOfTheFileAreForUndoAlone() {
    try (Engine engine = Engines.open(disk)) {
      disk.capacity(disk.usedBytes());
      assertThrows(
          DiskFullException.class,
          () -> {
            while (true) {
              engine.structureSpace().reservePage();
            }
          });
      for (int i = 0; i < UndoSlack.PAGES - 2; i++) {
        engine.slack().reservePage();
      }
      disk.capacity(Long.MAX_VALUE);
    }
  }
}
