package dev.redoubt.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A control group of Linux that bounds the memory of one process, the operating system's cache of
 * its files included. Needs the right to make one (root, or a delegated group).
 */
final class MemoryGroup implements AutoCloseable {
  private static final Path FIRST_VERSION = Path.of("/sys/fs/cgroup/memory");
  private static final Path SECOND_VERSION = Path.of("/sys/fs/cgroup");

  private final Path folder;
  private final boolean second;

  private MemoryGroup(Path folder, boolean second) {
    this.folder = folder;
    this.second = second;
  }

  /** A new group without a bound; null if this machine does not let us. */
  static @Nullable MemoryGroup make(String name) {
    boolean second = Files.exists(SECOND_VERSION.resolve("cgroup.controllers"));
    Path folder = (second ? SECOND_VERSION : FIRST_VERSION).resolve(name);
    try {
      Files.createDirectory(folder);
      MemoryGroup group = new MemoryGroup(folder, second);
      group.read(second ? "memory.max" : "memory.limit_in_bytes");
      return group;
    } catch (IOException e) {
      return null;
    }
  }

  /** The process, and what it charges from now on, is in the group. */
  void add(long processId) throws IOException {
    write("cgroup.procs", processId);
  }

  /** Memory of the group that is no cache of files: heaps, stacks, the kernel's for it. */
  long ownBytes() throws IOException {
    String usage = read(second ? "memory.current" : "memory.usage_in_bytes").strip();
    return Long.parseLong(usage) - cacheBytes();
  }

  /** The operating system's cache of files that the group has brought in. */
  long cacheBytes() throws IOException {
    return statistic(second ? "file" : "cache");
  }

  /** From now on no more than this, cached files included; what is above goes at once. */
  void limit(long bytes) throws IOException {
    write(second ? "memory.max" : "memory.limit_in_bytes", bytes);
  }

  private long statistic(String name) throws IOException {
    for (String line : Files.readAllLines(folder.resolve("memory.stat"))) {
      if (line.startsWith(name + " ")) {
        return Long.parseLong(line.substring(name.length() + 1));
      }
    }
    throw new IOException("no '" + name + "' in " + folder.resolve("memory.stat"));
  }

  private String read(String file) throws IOException {
    return Files.readString(folder.resolve(file));
  }

  private void write(String file, long number) throws IOException {
    Files.writeString(folder.resolve(file), Long.toString(number));
  }

  /** Removes the group; its process has ended. */
  @Override
  public void close() throws IOException {
    Files.deleteIfExists(folder);
  }
}
