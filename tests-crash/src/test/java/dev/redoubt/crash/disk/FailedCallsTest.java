package dev.redoubt.crash.disk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.io.Disk.Access;
import dev.redoubt.io.Disk.Caching;
import dev.redoubt.io.DiskFile;
import dev.redoubt.io.DiskFullException;
import dev.redoubt.io.StorageIoException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Calls that fail, and what they have done before: as said, and no more. */
class FailedCallsTest {
  private final SimDisk disk = SimDisk.create();

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
  }

  private static String text(SimDisk disk) {
    try (DiskFile file = disk.open("a", Access.READ, Caching.BUFFERED)) {
      ByteBuffer found = ByteBuffer.allocate(Math.toIntExact(file.size()));
      file.read(found, 0);
      return new String(found.array(), StandardCharsets.US_ASCII);
    }
  }

  private void create(String text) {
    try (DiskFile file = disk.open("a", Access.CREATE, Caching.BUFFERED)) {
      file.write(bytes(text), 0);
      file.force();
    }
    disk.forceDirectory();
  }

  @Test
  void writeThatFailsInTheMiddleHasWrittenHalf() {
    create("old old ");
    disk.inject(Fault.once(IoKind.WRITE, "a", 0, Fault.Action.EIO_PARTIAL));
    try (DiskFile file = disk.open("a", Access.WRITE, Caching.BUFFERED)) {
      assertThrows(StorageIoException.class, () -> file.write(bytes("new new "), 0));
      assertEquals("new old ", text(disk));
      assertEquals("old old ", text(disk.crash(CrashChoice.none())), "it is not forced");
      file.write(bytes("new new "), 0);
    }
    assertEquals("new new ", text(disk));
  }

  @Test
  void forceThatFailsMayLeaveTheBytesToTheNextOne() {
    create("old");
    disk.inject(Fault.once(IoKind.FORCE, "a", 0, Fault.Action.EIO_KEEPING));
    try (DiskFile file = disk.open("a", Access.WRITE, Caching.BUFFERED)) {
      file.write(bytes("new"), 0);
      assertThrows(StorageIoException.class, file::force);
      assertEquals("old", text(disk.crash(CrashChoice.none())));
      assertEquals("new", text(disk.crash(CrashChoice.all())));
      file.force();
    }
    assertEquals("new", text(disk.crash(CrashChoice.none())));
  }

  @Test
  void forceOfTheDirectoryMayLie() {
    disk.inject(Fault.forEver(IoKind.FORCE_DIRECTORY, "", 0, Fault.Action.LIE));
    create("there");
    assertTrue(disk.exists("a"));
    assertFalse(disk.crash(CrashChoice.none()).exists("a"));
  }

  @Test
  void fullDiskAtTheNthCallStrikesOnceOrForEver() {
    disk.inject(Fault.once(IoKind.WRITE, "a", 1, Fault.Action.ENOSPC));
    try (DiskFile file = disk.open("a", Access.CREATE, Caching.BUFFERED)) {
      file.write(bytes("x".repeat(4096)), 0);
      assertThrows(DiskFullException.class, () -> file.write(bytes("y".repeat(4096)), 4096));
      file.write(bytes("y".repeat(4096)), 4096);
      disk.inject(Fault.forEver(IoKind.WRITE, "a", 0, Fault.Action.ENOSPC));
      assertThrows(DiskFullException.class, () -> file.write(bytes("z"), 8192));
      assertThrows(DiskFullException.class, () -> file.write(bytes("z"), 8192));
      file.write(bytes("z"), 0); // takes no space
    }
    assertEquals("zx", text(disk).substring(0, 2));
  }

  /** Half, half of what is left, and so on: each a call of its own. */
  @Test
  void shortTransfersMoveEverythingInSeveralCallsThatCanEachBeTheLast() {
    create("old old ");
    disk.inject(Fault.forEver(IoKind.WRITE, "a", 0, Fault.Action.SHORT));
    disk.inject(Fault.forEver(IoKind.READ, "a", 0, Fault.Action.SHORT));
    long before = disk.ordinal();
    String twoBlocks = "n".repeat(4096) + "e".repeat(4096) + "w";
    List<String> between = new ArrayList<>();
    disk.listen((at, event) -> between.add(text(at.crash(CrashChoice.all()))));
    try (DiskFile file = disk.open("a", Access.WRITE, Caching.BUFFERED)) {
      file.write(bytes(twoBlocks), 0);
    }
    disk.listen(null);
    assertEquals(3, disk.ordinal() - before);
    assertEquals(
        List.of("old old ", twoBlocks.substring(0, 4096), twoBlocks.substring(0, 8192)), between);
    assertEquals(twoBlocks, text(disk));
  }

  @Test
  void theRestOfAShortTransferMayFail() {
    create("o".repeat(8192));
    disk.inject(Fault.once(IoKind.WRITE, "a", 0, Fault.Action.SHORT));
    disk.inject(Fault.once(IoKind.WRITE, "a", 1, Fault.Action.EIO));
    try (DiskFile file = disk.open("a", Access.WRITE, Caching.BUFFERED)) {
      assertThrows(StorageIoException.class, () -> file.write(bytes("n".repeat(8192)), 0));
    }
    assertEquals("n".repeat(4096) + "o".repeat(4096), text(disk));
  }

  @Test
  void shortReadsEndWithTheFile() {
    create("abc");
    disk.inject(Fault.forEver(IoKind.READ, "a", 0, Fault.Action.SHORT));
    try (DiskFile file = disk.open("a", Access.READ, Caching.BUFFERED)) {
      ByteBuffer found = ByteBuffer.allocate(3 * 4096);
      assertEquals(3, file.read(found, 0));
      assertEquals(3, found.position());
      assertEquals(0, file.read(found, 4096));
    }
  }
}
