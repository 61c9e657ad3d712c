package dev.redoubt.kv;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/** What a folder holds, so that any change of it is noticed: names, lengths, times and bytes. */
final class FolderHash {
  private FolderHash() {}

  /** Each file, and the folder itself, with all that a write would change. */
  static Map<String, String> of(Path folder) {
    Map<String, String> found = new TreeMap<>();
    try (Stream<Path> files = Files.list(folder)) {
      found.put(".", "modified " + Files.getLastModifiedTime(folder));
      for (Path file : files.toList()) {
        found.put(
            file.getFileName().toString(),
            Files.size(file)
                + " bytes, modified "
                + Files.getLastModifiedTime(file)
                + ", "
                + checksum(file));
      }
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    return found;
  }

  private static long checksum(Path file) throws IOException {
    CRC32C crc = new CRC32C();
    byte[] buffer = new byte[1 << 16];
    try (InputStream in = Files.newInputStream(file)) {
      for (int read = in.read(buffer); read > 0; read = in.read(buffer)) {
        crc.update(buffer, 0, read);
      }
    }
    return crc.getValue();
  }
}
