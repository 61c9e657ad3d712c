package dev.redoubt.crash.disk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.io.Disk;
import dev.redoubt.io.Disk.Access;
import dev.redoubt.io.Disk.Caching;
import dev.redoubt.io.DiskFile;
import dev.redoubt.io.DiskFullException;
import dev.redoubt.io.StorageIoException;
import dev.redoubt.io.StoreLockedException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The liar is shown to lie, and to lie no more than it may. */
class SimDiskTest {
  private final SimDisk disk = SimDisk.create();

  @Test
  void forcedBytesSurviveEveryPowerLoss() {
    write("a", "durable", true);
    disk.forceDirectory();
    for (CrashChoice choice : List.of(CrashChoice.none(), CrashChoice.all(), CrashChoice.death())) {
      assertEquals("durable", text(disk.crash(choice), "a"));
    }
  }

  @Test
  void unforcedBytesAreLostKeptOrReadable() {
    write("a", "old old", true);
    disk.forceDirectory();
    overwrite("a", "new new");
    assertEquals("old old", text(disk.crash(CrashChoice.none()), "a"));
    assertEquals("new new", text(disk.crash(CrashChoice.all()), "a"));
    assertEquals("new new", text(disk.crash(CrashChoice.death()), "a"));
  }

  @Test
  void deathOfTheProcessLeavesBytesReadableAndStillUnforced() {
    write("a", "old old", true);
    disk.forceDirectory();
    overwrite("a", "new new");
    SimDisk survivor = disk.crash(CrashChoice.death());
    assertEquals("new new", text(survivor, "a"));
    assertEquals("old old", text(survivor.crash(CrashChoice.none()), "a"));
    try (DiskFile file = survivor.open("a", Access.WRITE, Caching.BUFFERED)) {
      file.force();
    }
    assertEquals("new new", text(survivor.crash(CrashChoice.none()), "a"));
  }

  @Test
  void fileWhoseDirectoryWasNotForcedIsGone() {
    write("a", "forced", true);
    assertFalse(disk.crash(CrashChoice.none()).exists("a"));
    assertTrue(disk.crash(CrashChoice.all()).exists("a"));
  }

  @Test
  void renameAndDeletionWithoutDirectoryForceAreUndone() {
    write("a", "one", true);
    write("b", "two", true);
    disk.forceDirectory();
    disk.rename("a", "c");
    disk.delete("b");
    assertEquals(List.of("c"), disk.list());
    assertEquals(List.of("a", "b"), disk.crash(CrashChoice.none()).list());
    assertEquals(List.of("c"), disk.crash(CrashChoice.all()).list());
    SimDisk renamedOnly = disk.crash(new CrashChoice.Except(true, 1, Fate.LOST));
    assertEquals(List.of("b", "c"), renamedOnly.list());
    assertEquals("one", text(renamedOnly, "c"));
  }

  @Test
  void renameOverAnotherFileLeavesOneOrTheOtherWhole() {
    write("old", "old", true);
    write("new", "new", true);
    disk.forceDirectory();
    disk.rename("new", "old");
    assertEquals("old", text(disk.crash(CrashChoice.none()), "old"));
    assertEquals("new", text(disk.crash(CrashChoice.all()), "old"));
  }

  @Test
  void writesAreLostEachForItself() {
    write("a", "........", true);
    disk.forceDirectory();
    patch("a", "1", 0);
    patch("a", "2", 1);
    patch("a", "3", 2);
    assertEquals("1.3.....", text(disk.crash(new CrashChoice.Except(true, 1, Fate.LOST)), "a"));
    assertEquals(".2......", text(disk.crash(new CrashChoice.Except(false, 1, Fate.KEPT)), "a"));
    assertEquals("12......", text(disk.crash(new CrashChoice.First(2)), "a"));
  }

  @Test
  void writeIsTornAtSectorsAndOnlyThere() {
    write("a", "o".repeat(2048), true);
    disk.forceDirectory();
    overwrite("a", "n".repeat(2048));
    for (int sectors = 0; sectors <= 4; sectors++) {
      CrashChoice tear = new CrashChoice.Except(true, 0, new Fate.Prefix(sectors));
      String expected = "n".repeat(512 * sectors) + "o".repeat(2048 - 512 * sectors);
      assertEquals(expected, text(disk.crash(tear), "a"));
    }
    CrashChoice suffix = new CrashChoice.Except(true, 0, new Fate.Suffix(1));
    assertEquals("o".repeat(1536) + "n".repeat(512), text(disk.crash(suffix), "a"));
  }

  @Test
  void sectorOf4096BytesIsNotTorn() {
    SimDisk big = SimDisk.create(4096);
    write(big, "a", "o".repeat(8192), true);
    big.forceDirectory();
    overwrite(big, "a", "n".repeat(8192));
    for (int seed = 0; seed < 50; seed++) {
      CrashChoice tear = new CrashChoice.Except(true, 0, new Fate.Sectors(seed));
      String found = text(big.crash(tear), "a");
      assertEquals(1, found.substring(0, 4096).chars().distinct().count());
      assertEquals(1, found.substring(4096).chars().distinct().count());
    }
  }

  @Test
  void sectorsInFlightMayTurnIntoNoiseButNotTheirNeighbours() {
    write("a", "o".repeat(3 * 512), true);
    disk.forceDirectory();
    patch("a", "n".repeat(512), 512);
    boolean noise = false;
    for (int seed = 0; seed < 20; seed++) {
      CrashChoice garbage = new CrashChoice.Except(true, 0, new Fate.Garbage(seed));
      String found = text(disk.crash(garbage), "a");
      assertEquals("o".repeat(512), found.substring(0, 512));
      assertEquals("o".repeat(512), found.substring(found.length() - 512));
      noise |= !found.contains("n".repeat(512)) && !found.equals("o".repeat(3 * 512));
    }
    assertTrue(noise);
  }

  @Test
  void lengthMayArriveWithoutItsBytes() {
    write("a", "", true);
    disk.forceDirectory();
    overwrite("a", "data");
    SimDisk survivor = disk.crash(new CrashChoice.Except(true, 0, Fate.LENGTH_ONLY));
    assertEquals("\0\0\0\0", text(survivor, "a"));
  }

  @Test
  void failedForceThrowsTheBytesAwayWhileReadsStillShowThem() {
    write("a", "o".repeat(4096), true);
    disk.forceDirectory();
    disk.inject(Fault.once(IoKind.FORCE, "a", 0, Fault.Action.EIO));
    try (DiskFile file = disk.open("a", Access.WRITE, Caching.BUFFERED)) {
      file.write(bytes("n".repeat(4096)), 0);
      assertThrows(StorageIoException.class, file::force);
      file.force(); // succeeds, as on Linux, and means nothing
    }
    assertEquals("n".repeat(4096), text(disk, "a"));
    assertEquals("n".repeat(4096), text(disk.crash(CrashChoice.death()), "a"));
    assertEquals("o".repeat(4096), text(disk.crash(CrashChoice.all()), "a"));
    try (DiskFile file = disk.open("a", Access.READ, Caching.DIRECT)) {
      ByteBuffer found = ByteBuffer.allocate(4096);
      file.read(found, 0);
      assertEquals('o', found.get(0), "a direct read sees the device");
    }
  }

  @Test
  void lyingForceMakesNothingDurable() {
    disk.inject(Fault.forEver(IoKind.FORCE, "a", 0, Fault.Action.LIE));
    write("a", "lost", true);
    disk.forceDirectory();
    assertEquals("", text(disk.crash(CrashChoice.none()), "a"));
  }

  @Test
  void faultStrikesAtTheNthMatchingCallOnceOrForEver() {
    Fault once = Fault.once(IoKind.WRITE, "a", 1, Fault.Action.EIO);
    disk.inject(once);
    try (DiskFile file = disk.open("a", Access.CREATE, Caching.BUFFERED)) {
      file.write(bytes("1"), 0);
      assertThrows(StorageIoException.class, () -> file.write(bytes("2"), 1));
      file.write(bytes("3"), 2);
      assertEquals(3, once.matched());
      disk.inject(Fault.forEver(IoKind.READ, "a", 1, Fault.Action.EIO));
      assertEquals(1, file.read(ByteBuffer.allocate(1), 0));
      assertThrows(StorageIoException.class, () -> file.read(ByteBuffer.allocate(1), 0));
      assertThrows(StorageIoException.class, () -> file.read(ByteBuffer.allocate(1), 0));
      disk.heal();
      assertEquals(1, file.read(ByteBuffer.allocate(1), 0));
    }
    assertEquals("1\0" + "3", text(disk, "a"));
  }

  @Test
  void fullDiskRefusesNewSpaceButNotOverwriting() {
    write("a", "x".repeat(8192), true);
    disk.limitBytes(disk.allocatedBytes());
    overwrite("a", "y".repeat(8192));
    try (DiskFile file = disk.open("a", Access.WRITE, Caching.BUFFERED)) {
      assertThrows(DiskFullException.class, () -> file.write(bytes("more"), 8192));
      disk.heal();
      file.write(bytes("more"), 8192);
    }
    assertEquals(8196, text(disk, "a").length());
  }

  @Test
  void directTransfersMustBeAligned() {
    try (DiskFile file = disk.open("a", Access.CREATE, Caching.DIRECT)) {
      assertThrows(StorageIoException.class, () -> file.write(bytes("short"), 0));
      ByteBuffer block = ByteBuffer.allocateDirect(3 * 4096).alignedSlice(4096);
      assertThrows(StorageIoException.class, () -> file.write(block.slice(0, 4096), 512));
      assertThrows(StorageIoException.class, () -> file.write(block.slice(8, 4096), 0));
      file.write(block.slice(0, 4096), 4096);
      assertEquals(8192, file.size());
    }
  }

  @Test
  void lockIsExclusiveAndDiesWithTheProcess() {
    var lock = disk.lock("lock");
    assertThrows(StoreLockedException.class, () -> disk.lock("lock"));
    disk.crash(CrashChoice.death()).lock("lock").close();
    lock.close();
    disk.lock("lock").close();
  }

  @Test
  void imagesDoNotTouchOneAnother() {
    write("a", "o".repeat(5000), true);
    disk.forceDirectory();
    SimDisk image = disk.crash(CrashChoice.all());
    overwrite(image, "a", "i".repeat(5000));
    overwrite("a", "m".repeat(5000));
    assertEquals("i".repeat(5000), text(image, "a"));
    assertEquals("m".repeat(5000), text(disk, "a"));
    assertEquals("o".repeat(5000), text(disk.crash(CrashChoice.none()), "a"));
    assertEquals("o".repeat(5000), text(image.crash(CrashChoice.none()), "a"));
  }

  @Test
  void sameCallsAndSameSeedGiveTheSameBytes() {
    List<Long> first = randomRun(7);
    assertEquals(first, randomRun(7));
    assertNotEquals(first, randomRun(8));
    assertTrue(first.stream().distinct().count() > 50, "crashes differ from one another");
  }

  @Test
  void choicesAreReadBackAsPrinted() {
    List<CrashChoice> choices =
        List.of(
            CrashChoice.none(),
            CrashChoice.all(),
            CrashChoice.death(),
            new CrashChoice.First(3),
            new CrashChoice.Seeded(99),
            new CrashChoice.Except(true, 4, Fate.LOST),
            new CrashChoice.Except(false, 4, Fate.KEPT),
            new CrashChoice.Except(true, 4, Fate.LENGTH_ONLY),
            new CrashChoice.Except(true, 4, new Fate.Prefix(2)),
            new CrashChoice.Except(true, 4, new Fate.Suffix(2)),
            new CrashChoice.Except(true, 4, new Fate.Sectors(77)),
            new CrashChoice.Except(true, 4, new Fate.Garbage(77)));
    for (CrashChoice choice : choices) {
      assertEquals(choice, CrashChoice.parse(choice.toString()));
    }
    assertThrows(IllegalArgumentException.class, () -> CrashChoice.parse("some"));
  }

  @Test
  void traceNamesCallsAndSites() {
    disk.record(true);
    write("a", "x", true);
    List<IoEvent> trace = disk.trace();
    assertEquals(
        List.of(IoKind.CREATE, IoKind.WRITE, IoKind.FORCE),
        trace.stream().map(IoEvent::kind).toList());
    assertEquals(List.of(0L, 1L, 2L), trace.stream().map(IoEvent::ordinal).toList());
  }

  @Test
  void bitRotChangesOneByte() {
    write("a", "abc", true);
    disk.rot("a", 1, 0xff);
    assertEquals('a', text(disk, "a").charAt(0));
    assertNotEquals('b', text(disk, "a").charAt(1));
    assertEquals('c', text(disk, "a").charAt(2));
  }

  private static List<Long> randomRun(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    SimDisk disk = SimDisk.create();
    List<Long> prints = new ArrayList<>();
    disk.listen(
        (d, event) -> {
          prints.add(d.crash(new CrashChoice.Seeded(event.ordinal())).fingerprint());
          prints.add(d.crash(CrashChoice.death()).fingerprint());
        });
    for (int i = 0; i < 100; i++) {
      String name = "f" + random.nextInt(4);
      if (!disk.exists(name)) {
        disk.open(name, Access.CREATE, Caching.BUFFERED).close();
      }
      byte[] data = new byte[1 + random.nextInt(6000)];
      random.nextBytes(data);
      try (DiskFile file = disk.open(name, Access.WRITE, Caching.BUFFERED)) {
        file.write(ByteBuffer.wrap(data), random.nextInt(9000));
        if (random.nextInt(4) == 0) {
          file.force();
        }
      }
      switch (random.nextInt(8)) {
        case 0 -> disk.delete(name);
        case 1 -> disk.rename(name, "f" + random.nextInt(4));
        case 2 -> disk.forceDirectory();
        default -> {}
      }
    }
    return prints;
  }

  private void write(String name, String text, boolean force) {
    write(disk, name, text, force);
  }

  private static void write(Disk disk, String name, String text, boolean force) {
    try (DiskFile file = disk.open(name, Access.CREATE, Caching.BUFFERED)) {
      file.write(bytes(text), 0);
      if (force) {
        file.force();
      }
    }
  }

  private void overwrite(String name, String text) {
    overwrite(disk, name, text);
  }

  private static void overwrite(Disk disk, String name, String text) {
    try (DiskFile file = disk.open(name, Access.WRITE, Caching.BUFFERED)) {
      file.write(bytes(text), 0);
    }
  }

  private void patch(String name, String text, long position) {
    try (DiskFile file = disk.open(name, Access.WRITE, Caching.BUFFERED)) {
      file.write(bytes(text), position);
    }
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  private static String text(Disk disk, String name) {
    try (DiskFile file = disk.open(name, Access.READ, Caching.BUFFERED)) {
      ByteBuffer buffer = ByteBuffer.allocate((int) file.size());
      file.read(buffer, 0);
      return new String(buffer.array(), StandardCharsets.ISO_8859_1);
    }
  }
}
