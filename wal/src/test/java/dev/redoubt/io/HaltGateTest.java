package dev.redoubt.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

/** After a failure nothing is written any more (I-9). */
final class HaltGateTest {
  private static ByteBuffer block(int seed) {
    return DiskSubject.bytes(DiskSubject.BLOCK, seed);
  }

  @Test
  void afterAHaltNothingIsWrittenAndReadsGoOn() {
    MemoryDisk memory = new MemoryDisk();
    HaltGate gate = new HaltGate();
    GatedDisk disk = new GatedDisk(memory, gate);
    try (DiskFile file = disk.open("a", Disk.Access.CREATE, Disk.Caching.BUFFERED)) {
      file.write(block(1), 0);
      memory.onCall(
          call -> {
            if (call.kind().equals("force")) {
              throw new StorageIoException("EIO");
            }
          });
      assertThrows(StorageIoException.class, file::force);
      memory.onCall(call -> {});
      assertThrows(EngineHaltedException.class, file::force);
      assertThrows(EngineHaltedException.class, () -> file.write(block(2), 0));
      assertThrows(EngineHaltedException.class, disk::forceDirectory);
      assertThrows(EngineHaltedException.class, () -> disk.rename("a", "b"));
      assertThrows(EngineHaltedException.class, () -> disk.delete("a"));
      assertThrows(
          EngineHaltedException.class,
          () -> disk.open("c", Disk.Access.CREATE, Disk.Caching.BUFFERED));
      assertEquals(4096, file.read(DiskSubject.room(4096), 0));
    }
  }

  @Test
  void theFirstCauseIsKept() {
    HaltGate gate = new HaltGate();
    gate.check();
    StorageIoException first = new StorageIoException("first");
    EngineHaltedException halted = gate.halt(first);
    assertSame(first, halted.getCause());
    assertSame(first, gate.halt(new StorageIoException("second")).getCause());
    assertSame(first, gate.cause());
    assertSame(first, assertThrows(EngineHaltedException.class, gate::check).getCause());
  }

  @Test
  void whoeverFailsToBeToldKeepsNobodyElseFromIt() {
    HaltGate gate = new HaltGate();
    int[] told = new int[1];
    gate.whenHalted(
        () -> {
          throw new OutOfMemoryError("injected");
        });
    gate.whenHalted(() -> told[0]++);
    StorageIoException first = new StorageIoException("first");
    assertSame(first, gate.halt(first).getCause());
    assertEquals(1, told[0]);
    assertEquals(1, first.getSuppressed().length);
  }
}
