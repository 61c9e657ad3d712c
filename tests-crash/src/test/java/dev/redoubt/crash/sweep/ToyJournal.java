package dev.redoubt.crash.sweep;

import dev.redoubt.crash.disk.SimDisk;
import dev.redoubt.io.Disk.Access;
import dev.redoubt.io.Disk.Caching;
import dev.redoubt.io.DiskFile;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.zip.CRC32C;

/**
 * A small append-only journal, right as it stands, with mistakes that can be switched on: what the
 * sweep itself is tested with, and an example of how to sweep something of one's own.
 */
final class ToyJournal implements Workload<List<String>> {
  enum Mistake {
    NO_FORCE,
    NO_DIRECTORY_FORCE,
    NO_CHECKSUM,
    APPENDS_BEHIND_TORN_TAIL,
    SHOWS_UNFORCED,
    COMPACTS_IN_PLACE
  }

  private static final String FILE = "journal";
  private static final int COMMITS = 12;
  private static final int HEADER = 8;

  private final Set<Mistake> mistakes;

  ToyJournal(Mistake... mistakes) {
    this.mistakes = Set.of(mistakes);
  }

  @Override
  public String name() {
    return "toy-journal";
  }

  @Override
  public List<String> emptyState() {
    return List.of();
  }

  @Override
  public void run(SimDisk disk, long seed, PrefixOracle<List<String>> oracle) {
    disk.phase("create");
    try (DiskFile file = disk.open(FILE, Access.CREATE, Caching.BUFFERED)) {
      if (!mistakes.contains(Mistake.NO_DIRECTORY_FORCE)) {
        disk.forceDirectory();
      }
      disk.phase("append");
      long end = 0;
      for (int i = 0; i < COMMITS; i++) {
        end = commit(file, end, "commit " + i + "x".repeat(i * 100), oracle);
      }
    }
    if (mistakes.contains(Mistake.COMPACTS_IN_PLACE)) {
      disk.phase("compact");
      try (DiskFile file = disk.open(FILE, Access.WRITE, Caching.BUFFERED)) {
        file.write(ByteBuffer.wrap(new byte[4]), 0);
        file.write(ByteBuffer.wrap(frame("commit 0").array(), 0, 4), 0);
        file.force();
      }
    }
  }

  private long commit(DiskFile file, long end, String entry, PrefixOracle<List<String>> oracle) {
    List<String> after = new ArrayList<>(oracle.latest());
    after.add(entry);
    oracle.attempt(List.copyOf(after));
    ByteBuffer frame = frame(entry);
    int length = frame.remaining();
    file.write(frame, end);
    if (!mistakes.contains(Mistake.NO_FORCE)) {
      file.force();
    }
    oracle.acknowledge();
    return end + length;
  }

  @Override
  public void recover(SimDisk disk, long seed, PrefixOracle<List<String>> oracle) {
    if (!disk.exists(FILE)) {
      oracle.observe(List.of());
      return;
    }
    try (DiskFile file = disk.open(FILE, Access.WRITE, Caching.BUFFERED)) {
      List<String> entries = new ArrayList<>();
      long end = read(file, entries);
      if (!mistakes.contains(Mistake.SHOWS_UNFORCED)) {
        disk.forceDirectory();
        file.force();
      }
      oracle.observe(List.copyOf(entries));
      if (mistakes.contains(Mistake.APPENDS_BEHIND_TORN_TAIL)) {
        end = file.size();
      }
      commit(file, end, "after recovery", oracle);
    }
  }

  private long read(DiskFile file, List<String> entries) {
    ByteBuffer bytes = ByteBuffer.allocate((int) file.size());
    file.read(bytes, 0);
    bytes.flip();
    while (bytes.remaining() >= HEADER) {
      int start = bytes.position();
      int length = bytes.getInt();
      int crc = bytes.getInt();
      if (length <= 0 || length > bytes.remaining()) {
        return start;
      }
      byte[] entry = new byte[length];
      bytes.get(entry);
      if (crc(entry) != crc && !mistakes.contains(Mistake.NO_CHECKSUM)) {
        return start;
      }
      entries.add(new String(entry, StandardCharsets.UTF_8));
    }
    return bytes.position();
  }

  private static ByteBuffer frame(String entry) {
    byte[] bytes = entry.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(HEADER + bytes.length)
        .putInt(bytes.length)
        .putInt(crc(bytes))
        .put(bytes)
        .flip();
  }

  private static int crc(byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes);
    return (int) crc.getValue();
  }
}
