package dev.redoubt.crash.example;

import dev.redoubt.io.Disk;
import dev.redoubt.io.Disk.Access;
import dev.redoubt.io.Disk.Caching;
import dev.redoubt.io.DiskFile;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/**
 * Keeps keys and values in one file, to which each {@code put} appends a record and forces it. It
 * looks right, and has three bugs, each of which goes when it is fixed.
 */
final class KeyValueLog implements AutoCloseable {
  /** What was done about the bugs. */
  enum Fix {
    /** A record is read only if its checksum is right. */
    CHECKSUMS,
    /** Records go behind the last whole one, not behind the end of the file. */
    GOES_ON_BEHIND_LAST_RECORD,
    /** The directory is forced when the file has been made. */
    NAME_MADE_DURABLE
  }

  private static final String FILE = "data";
  private static final int HEAD = 8;

  private final Set<Fix> fixes;
  private final DiskFile file;
  private final TreeMap<String, String> map = new TreeMap<>();
  private long end;

  KeyValueLog(Disk disk, Set<Fix> fixes) {
    this.fixes = fixes;
    boolean isNew = !disk.exists(FILE);
    file = disk.open(FILE, isNew ? Access.CREATE : Access.WRITE, Caching.BUFFERED);
    if (fixes.contains(Fix.NAME_MADE_DURABLE)) {
      disk.forceDirectory();
    }
    end = read();
    if (!fixes.contains(Fix.GOES_ON_BEHIND_LAST_RECORD)) {
      end = file.size();
    }
    file.force(); // what is shown from here on must stay
  }

  /** What is there; the caller's own. */
  Map<String, String> contents() {
    return new TreeMap<>(map);
  }

  /** Durable at return. */
  void put(String key, String value) {
    byte[] bytes = (key + "=" + value).getBytes(StandardCharsets.UTF_8);
    ByteBuffer record = ByteBuffer.allocate(HEAD + bytes.length);
    record.putInt(bytes.length).putInt(checksum(bytes)).put(bytes).flip();
    file.write(record, end);
    file.force();
    end += HEAD + bytes.length;
    map.put(key, value);
  }

  /** Reads whole records; returns where the last one ends. */
  private long read() {
    ByteBuffer in = ByteBuffer.allocate((int) file.size());
    file.read(in, 0);
    in.flip();
    while (in.remaining() >= HEAD) {
      int start = in.position();
      int length = in.getInt();
      int checksum = in.getInt();
      if (length <= 0 || length > in.remaining()) {
        return start;
      }
      byte[] bytes = new byte[length];
      in.get(bytes);
      if (fixes.contains(Fix.CHECKSUMS) && checksum != checksum(bytes)) {
        return start;
      }
      String entry = new String(bytes, StandardCharsets.UTF_8);
      int equals = Math.max(0, entry.indexOf('='));
      map.put(entry.substring(0, equals), entry.substring(Math.min(entry.length(), equals + 1)));
    }
    return in.position();
  }

  private static int checksum(byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes);
    return (int) crc.getValue();
  }

  @Override
  public void close() {
    file.close();
  }
}
