package dev.redoubt.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.io.Disk.Access;
import dev.redoubt.io.Disk.Caching;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What every {@link DiskFile} keeps about its bytes. */
public interface TransfersContract extends DiskSubject {
  /** Whether direct transfers need their alignment on this disk. */
  default boolean refusesMisalignment() {
    return true;
  }

  @Test
  default void bytesComeBackAndBuffersMoveByWhatWasTransferred() {
    for (Caching caching : Caching.values()) {
      try (DiskFile file = disk().open("f" + caching, Access.CREATE, caching)) {
        ByteBuffer source = DiskSubject.bytes(3 * BLOCK, 1);
        file.write(source, 0);
        assertFalse(source.hasRemaining());
        file.write(DiskSubject.bytes(BLOCK, 2), BLOCK);
        file.force();
        assertEquals(3 * BLOCK, file.size());
        byte[] found = DiskSubject.read(file, 0, 3 * BLOCK);
        byte[] expected = DiskSubject.array(3 * BLOCK, 1, 3 * BLOCK);
        System.arraycopy(DiskSubject.array(BLOCK, 2, BLOCK), 0, expected, BLOCK, BLOCK);
        assertArrayEquals(expected, found);
      }
      try (DiskFile again = disk().open("f" + caching, Access.WRITE, caching)) {
        assertEquals(3 * BLOCK, again.size(), "opening cuts nothing off");
      }
    }
  }

  @Test
  default void readsAreShortAtTheEndAndEmptyBehindIt() {
    try (DiskFile file = disk().open("f", Access.CREATE, Caching.BUFFERED)) {
      file.write(DiskSubject.bytes(BLOCK + 904, 1), 0);
    }
    for (Caching caching : Caching.values()) {
      try (DiskFile file = disk().open("f", Access.READ, caching)) {
        assertEquals(904, DiskSubject.read(file, BLOCK, BLOCK).length, caching.toString());
        assertArrayEquals(
            DiskSubject.array(BLOCK + 904, 1, BLOCK + 904), DiskSubject.read(file, 0, 4 * BLOCK));
        assertEquals(0, DiskSubject.read(file, 2 * BLOCK, BLOCK).length);
        assertEquals(0, DiskSubject.read(file, 1L << 40, BLOCK).length);
        assertEquals(0, DiskSubject.read(file, 0, 0).length);
      }
    }
  }

  @Test
  default void gapsReadAsZeros() {
    for (Caching caching : Caching.values()) {
      try (DiskFile file = disk().open("f" + caching, Access.CREATE, caching)) {
        file.write(DiskSubject.bytes(BLOCK, 1), 2 * BLOCK);
        assertEquals(3 * BLOCK, file.size());
        assertArrayEquals(new byte[2 * BLOCK], DiskSubject.read(file, 0, 2 * BLOCK));
        file.write(DiskSubject.bytes(BLOCK, 2), 7 * BLOCK);
        file.write(DiskSubject.room(0), 50 * BLOCK);
        assertEquals(8 * BLOCK, file.size(), "no bytes, no growth");
        assertArrayEquals(
            DiskSubject.array(BLOCK, 1, 5 * BLOCK), DiskSubject.read(file, 2 * BLOCK, 5 * BLOCK));
      }
    }
  }

  @Test
  default void bufferedTransfersNeedNoAlignmentAndTakeHeapBuffers() {
    try (DiskFile file = disk().open("f", Access.CREATE, Caching.BUFFERED)) {
      file.write(ByteBuffer.wrap(DiskSubject.array(1000, 1, 1000)), 3);
      ByteBuffer into = ByteBuffer.allocate(1100);
      assertEquals(1000, file.read(into, 3));
      assertEquals(1000, into.position());
      assertArrayEquals(DiskSubject.array(1000, 1, 1100), into.array());
      assertEquals(1003, file.size());
    }
  }

  @Test
  default void misalignedDirectTransfersAreErrorsThatNameTheFileAndChangeNothing() {
    try (DiskFile file = disk().open("f", Access.CREATE, Caching.DIRECT)) {
      file.write(DiskSubject.bytes(2 * BLOCK, 1), 0);
      List<Runnable> misaligned =
          List.of(
              () -> file.write(DiskSubject.bytes(BLOCK, 9), 512),
              () -> file.write(DiskSubject.bytes(100, 9), 0),
              () -> file.write(DiskSubject.bytes(BLOCK + 8, 9).position(8), 0),
              () -> file.read(DiskSubject.room(BLOCK), 512),
              () -> file.read(DiskSubject.room(100), 0),
              () -> file.read(DiskSubject.room(BLOCK + 8).position(8), 0));
      if (refusesMisalignment()) {
        for (Runnable call : misaligned) {
          StorageIoException e = assertThrows(StorageIoException.class, call::run);
          assertTrue(String.valueOf(e.getMessage()).contains("f"), e::toString);
        }
        assertArrayEquals(
            DiskSubject.array(2 * BLOCK, 1, 2 * BLOCK), DiskSubject.read(file, 0, 2 * BLOCK));
      } else {
        misaligned.forEach(Runnable::run);
      }
    }
  }

  @Test
  default void aFileOpenedForReadingIsNotWritten() {
    disk().open("f", Access.CREATE, Caching.BUFFERED).close();
    for (Caching caching : Caching.values()) {
      try (DiskFile file = disk().open("f", Access.READ, caching)) {
        assertThrows(IllegalStateException.class, () -> file.write(DiskSubject.bytes(BLOCK, 1), 0));
        assertEquals(0, file.size());
      }
    }
  }

  @Test
  default void negativePositionsAreRefused() {
    try (DiskFile file = disk().open("f", Access.CREATE, Caching.BUFFERED)) {
      assertThrows(
          IllegalArgumentException.class, () -> file.write(DiskSubject.bytes(BLOCK, 1), -BLOCK));
      assertThrows(
          IllegalArgumentException.class, () -> file.read(DiskSubject.room(BLOCK), -BLOCK));
      assertEquals(0, file.size());
    }
  }

  @Test
  default void afterCloseEveryCallIsAnErrorAndCloseIsNone() {
    for (Caching caching : Caching.values()) {
      DiskFile file = disk().open("f" + caching, Access.CREATE, caching);
      DiskFile other = disk().open("f" + caching, Access.WRITE, caching);
      file.close();
      file.close();
      assertThrows(StorageIoException.class, file::size);
      assertThrows(StorageIoException.class, () -> file.read(DiskSubject.room(BLOCK), 0));
      assertThrows(StorageIoException.class, () -> file.write(DiskSubject.bytes(BLOCK, 1), 0));
      other.write(DiskSubject.bytes(BLOCK, 1), 0);
      other.force();
      assertEquals(BLOCK, other.size(), "another opening of the same file is unharmed");
      other.close();
      assertThrows(StorageIoException.class, file::force);
      goOn();
    }
  }

  @Test
  default void aFullDiskIsItsOwnErrorAndLeavesTheFileUsable() {
    try (DiskFile file = disk().open("f", Access.CREATE, Caching.BUFFERED)) {
      file.write(DiskSubject.bytes(BLOCK, 1), 0);
      trouble(Trouble.FULL);
      DiskFullException e =
          assertThrows(
              DiskFullException.class, () -> file.write(DiskSubject.bytes(BLOCK, 1), BLOCK));
      assertTrue(String.valueOf(e.getMessage()).contains("f"), e::toString);
      file.write(DiskSubject.bytes(BLOCK, 2), 0);
      file.force();
      assertArrayEquals(DiskSubject.array(BLOCK, 2, BLOCK), DiskSubject.read(file, 0, BLOCK));
      trouble(Trouble.NONE);
      file.write(DiskSubject.bytes(BLOCK, 3), BLOCK);
      assertEquals(2 * BLOCK, file.size());
    }
  }

  @Test
  default void failuresOfTheDeviceAreStorageIoExceptionsThatNameTheFile() {
    try (DiskFile file = disk().open("f", Access.CREATE, Caching.BUFFERED)) {
      file.write(DiskSubject.bytes(BLOCK, 1), 0);
      trouble(Trouble.READ);
      assertFails(() -> file.read(DiskSubject.room(BLOCK), 0));
      trouble(Trouble.WRITE);
      assertFails(() -> file.write(DiskSubject.bytes(BLOCK, 1), 0));
      trouble(Trouble.FORCE);
      assertFails(file::force);
      trouble(Trouble.NONE);
      assertEquals(BLOCK, DiskSubject.read(file, 0, BLOCK).length);
    }
  }

  private static void assertFails(Runnable call) {
    StorageIoException e = assertThrows(StorageIoException.class, call::run);
    assertFalse(e instanceof DiskFullException);
    assertTrue(String.valueOf(e.getMessage()).contains("f"), e::toString);
  }
}
