package dev.redoubt.crash.harness;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * A small ext4 in a file, mounted through a loop device: it can be filled without harm to anybody,
 * and its power can be cut. What was not forced is in the cache of the upper file system only, so a
 * copy of the backing file is what a disk would hold after a power cut; mounting it replays the
 * file system's own journal. Root alone can have one, on Linux.
 */
public final class LoopVolume implements Volume {
  private static final int CHUNK_BYTES = 1 << 20;

  private final Path image;
  private final Path folder;
  private boolean mounted;

  private LoopVolume(Path image, Path folder) {
    this.image = image;
    this.folder = folder;
  }

  /** Whether this process may mount one. */
  public static boolean isPossible() {
    return System.getProperty("os.name", "").toLowerCase(Locale.ROOT).contains("linux")
        && "root".equals(System.getProperty("user.name"))
        && Files.exists(Path.of("/dev/loop-control"))
        && Files.isExecutable(Path.of("/usr/sbin/mkfs.ext4"));
  }

  /** Makes one of that size in a folder, and mounts it. */
  public static LoopVolume create(Path work, long megabytes) {
    LoopVolume volume = new LoopVolume(work.resolve("disk.img"), work.resolve("disk"));
    try {
      Files.createDirectories(volume.folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Shell.run("truncate", "-s", megabytes + "M", volume.image.toString());
    Shell.run(
        "/usr/sbin/mkfs.ext4",
        "-q",
        "-m",
        "0",
        "-E",
        "lazy_itable_init=0,lazy_journal_init=0",
        volume.image.toString());
    volume.mount();
    return volume;
  }

  private void mount() {
    // Commits of the file system's journal, which would store metadata, come every minute at most.
    Shell.run("mount", "-o", "loop,commit=60", image.toString(), folder.toString());
    mounted = true;
  }

  @Override
  public Path folder() {
    return folder;
  }

  @Override
  public boolean isSeparate() {
    return true;
  }

  private Path ballast() {
    return folder.resolve("ballast");
  }

  @Override
  public void fill() {
    byte[] chunk = new byte[CHUNK_BYTES];
    int length = chunk.length;
    try (OutputStream out = Files.newOutputStream(ballast())) {
      while (length > 0) {
        try {
          out.write(chunk, 0, length);
        } catch (IOException e) {
          length /= 2; // no room for that much
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void free() {
    try {
      Files.deleteIfExists(ballast());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void cutPower() {
    Path copy = image.resolveSibling("disk.cut");
    Shell.run("cp", "--sparse=always", image.toString(), copy.toString());
    unmount();
    try {
      Files.delete(image);
      Files.move(copy, image);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    mount();
  }

  private void unmount() {
    if (mounted) {
      Shell.run("umount", folder.toString());
      mounted = false;
    }
  }

  /** Unmounts it; the file is deleted with all that was on it. */
  @Override
  public void close() {
    unmount();
    try {
      Files.deleteIfExists(image);
      Files.deleteIfExists(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
