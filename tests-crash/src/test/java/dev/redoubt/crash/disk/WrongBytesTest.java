package dev.redoubt.crash.disk;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.redoubt.io.Disk;
import dev.redoubt.io.Disk.Access;
import dev.redoubt.io.Disk.Caching;
import dev.redoubt.io.DiskFile;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** Writes that are lost or go astray, and reads of what was: as said, and only where said. */
class WrongBytesTest {
  private final SimDisk disk = SimDisk.create();

  @Test
  void lostWriteIsReportedAsDoneAndIsNowhere() {
    create("old old");
    disk.inject(Fault.once(IoKind.WRITE, "a", 0, Fault.Action.LIE));
    overwrite("new new", false);
    assertEquals("old old", text(disk));
    assertEquals("old old", text(disk.crash(CrashChoice.all())));
    overwrite("newest!", false);
    assertEquals("newest!", text(disk));
  }

  @Test
  void misdirectedWriteIsInTheOtherPlaceAndDurableThere() {
    create("one two six");
    disk.inject(Fault.misdirected("a", 0, 8));
    overwrite("ten", true);
    assertEquals("one two ten", text(disk.crash(CrashChoice.none())));
    disk.inject(Fault.misdirected("a", 0, -4));
    overwrite("six", false);
    assertEquals("one six ten", text(disk));
  }

  @Test
  void staleReadShowsWhatWasThereAtTheInjection() {
    create("old old");
    disk.inject(Fault.once(IoKind.READ, "a", 1, Fault.Action.STALE));
    overwrite("new new", false);
    assertEquals("new new", text(disk));
    assertEquals("old old", text(disk));
    assertEquals("new new", text(disk));
  }

  private void create(String text) {
    disk.open("a", Access.CREATE, Caching.BUFFERED).close();
    overwrite(text, true);
    disk.forceDirectory();
  }

  private void overwrite(String text, boolean force) {
    try (DiskFile file = disk.open("a", Access.WRITE, Caching.BUFFERED)) {
      file.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)), 0);
      if (force) {
        file.force();
      }
    }
  }

  private static String text(Disk disk) {
    try (DiskFile file = disk.open("a", Access.READ, Caching.BUFFERED)) {
      ByteBuffer buffer = ByteBuffer.allocate((int) file.size());
      file.read(buffer, 0);
      return new String(buffer.array(), StandardCharsets.UTF_8);
    }
  }
}
