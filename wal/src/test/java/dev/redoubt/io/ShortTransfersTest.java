package dev.redoubt.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.io.Disk.Access;
import dev.redoubt.io.Disk.Caching;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The system may transfer less than was asked for, as often as it likes. */
final class ShortTransfersTest {
  private static final int LENGTH = 3 * Disk.BLOCK_BYTES;

  @TempDir Path directory;
  private int files;

  /** Channels without direct transfers that demand their alignment all the same. */
  private static FileChannel open(Path path, Set<OpenOption> options, TestChannel.Script script)
      throws IOException {
    Set<OpenOption> buffered = new HashSet<>(options);
    boolean direct = buffered.remove(DirectOption.direct());
    return new TestChannel(
        Channels.system().open(path, buffered),
        (kind, channel, position, wanted) -> {
          if (direct && (position % Disk.BLOCK_BYTES != 0 || wanted % Disk.BLOCK_BYTES != 0)) {
            throw new IOException("not aligned: " + wanted + " at " + position);
          }
          return script.allow(kind, channel, position, wanted);
        });
  }

  private void roundTrip(Caching caching, TestChannel.Script script) {
    RealDisk disk = new RealDisk(directory, (path, options) -> open(path, options, script));
    String name = "f" + files++;
    try (DiskFile file = disk.open(name, Access.CREATE, caching)) {
      file.write(DiskSubject.bytes(LENGTH, 1), Disk.BLOCK_BYTES);
      file.force();
      assertArrayEquals(
          DiskSubject.array(LENGTH, 1, LENGTH),
          DiskSubject.read(file, Disk.BLOCK_BYTES, LENGTH + Disk.BLOCK_BYTES));
      assertEquals(LENGTH + Disk.BLOCK_BYTES, file.size());
    }
    disk.delete(name);
  }

  @Test
  void transfersCutOffOnceAtEveryLengthAreGoneOnWith() {
    int tried = 0;
    for (Caching caching : Caching.values()) {
      for (int cut = 0; cut <= LENGTH; cut += stride(cut)) {
        int allowed = cut;
        AtomicInteger reads = new AtomicInteger();
        AtomicInteger writes = new AtomicInteger();
        roundTrip(
            caching,
            (kind, channel, position, wanted) -> {
              AtomicInteger seen = kind.equals("read") ? reads : writes;
              boolean first = !kind.equals("force") && seen.getAndIncrement() == 0;
              return first ? Math.min(wanted, allowed) : wanted;
            });
        assertTrue(cut == LENGTH || (reads.get() > 1 && writes.get() > 1));
        tried++;
      }
    }
    System.out.println("transfers cut off: " + tried);
  }

  /** Every length around a sector's end, and some of those between. */
  private static int stride(int cut) {
    return cut % 512 < 3 || cut % 512 > 508 ? 1 : 47;
  }

  @Test
  void transfersOfAnyLengthsAreLooped() {
    for (long seed = 1; seed <= 40; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      roundTrip(
          Caching.BUFFERED,
          (kind, channel, position, wanted) -> random.nextInt(Math.min(wanted, 700) + 1));
      roundTrip(
          Caching.DIRECT,
          (kind, channel, position, wanted) ->
              random.nextInt(3) == 0 ? wanted : random.nextInt(Math.min(wanted, 9000) + 1));
    }
  }

  @Test
  void aSystemThatTransfersNothingForEverIsAnErrorAndNoHang() {
    for (Caching caching : Caching.values()) {
      for (String stuck : new String[] {"read", "write"}) {
        StorageIoException e =
            assertThrows(
                StorageIoException.class,
                () ->
                    roundTrip(
                        caching,
                        (kind, channel, position, wanted) -> kind.equals(stuck) ? 0 : wanted));
        assertTrue(String.valueOf(e.getMessage()).contains("transferred nothing"), e::toString);
      }
    }
  }
}
