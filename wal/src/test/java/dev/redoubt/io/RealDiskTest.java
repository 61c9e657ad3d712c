package dev.redoubt.io;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.io.Disk.Access;
import dev.redoubt.io.Disk.Caching;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What only the operating system's disk has; the rest is in {@link RealDiskContractTest}. */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class RealDiskTest {
  @TempDir Path directory;

  @Test
  void directoriesAreMadeAndNotListed() throws IOException {
    RealDisk disk = RealDisk.create(directory.resolve("a/b"));
    Files.createDirectory(directory.resolve("a/b/c"));
    disk.open("file", Access.CREATE, Caching.BUFFERED).close();
    assertEquals(List.of("file"), disk.list());
    assertThrows(NotAStoreException.class, () -> RealDisk.open(directory.resolve("nowhere")));
    assertThrows(NotAStoreException.class, () -> RealDisk.open(directory.resolve("a/b/file")));
    assertThrows(NotAStoreException.class, () -> RealDisk.create(directory.resolve("a/b/file")));
    assertThrows(
        StorageIoException.class, () -> RealDisk.create(directory.resolve("a/b/file/below")));
  }

  @Test
  void aLockExcludesWhoeverElseOpensTheDirectoryInThisProcess() {
    RealDisk disk = RealDisk.create(directory);
    disk.lock("lock").close();
    DiskLock first = disk.lock("lock");
    assertThrows(StoreLockedException.class, () -> RealDisk.open(directory).lock("lock"));
    first.close();
    RealDisk.open(directory).lock("lock").close();
  }

  /** Holds the lock of the directory it is given until it is told to go on, or killed. */
  static final class LockHolder {
    private LockHolder() {}

    public static void main(String[] arguments) throws IOException {
      try (DiskLock lock = RealDisk.open(Path.of(arguments[0])).lock("lock")) {
        System.out.println("locked by " + lock.getClass().getSimpleName());
        System.out.flush();
        var _ = System.in.read();
      }
    }
  }

  @Test
  void aLockExcludesOtherProcessesAndDiesWithItsOwn() throws Exception {
    RealDisk disk = RealDisk.create(directory);
    for (boolean kill : new boolean[] {false, true}) {
      Process holder = start();
      try (BufferedReader output = holder.inputReader(UTF_8)) {
        String line = output.readLine();
        assertTrue(line != null && line.startsWith("locked"), line);
        assertThrows(StoreLockedException.class, () -> disk.lock("lock"));
        assertThrows(StoreLockedException.class, () -> disk.lock("lock"), "still");
        if (kill) {
          holder.destroyForcibly();
        } else {
          holder.getOutputStream().close();
        }
        holder.waitFor();
      } finally {
        holder.destroyForcibly();
      }
      disk.lock("lock").close();
    }
  }

  @Test
  void aRefusedSecondLockDoesNotGiveUpTheFirst() throws Exception {
    RealDisk disk = RealDisk.create(directory);
    try (DiskLock first = disk.lock("lock")) {
      assertTrue(first != null);
      assertThrows(StoreLockedException.class, () -> disk.lock("lock"));
      assertThrows(StoreLockedException.class, () -> disk.lockShared("lock"));
      assertFalse(isLockedByAnotherProcess(), "the operating system has dropped it");
    }
    assertTrue(isLockedByAnotherProcess());
  }

  @Test
  void aSharedLockIsSharedAndKeepsWritersOutUntilTheLastIsClosed() throws Exception {
    RealDisk disk = RealDisk.create(directory);
    disk.lockShared("lock").close();
    assertEquals(List.of(), disk.list(), "nothing is made");
    disk.lock("lock").close();
    DiskLock first = disk.lockShared("lock");
    DiskLock second = RealDisk.open(directory).lockShared("lock");
    assertThrows(StoreLockedException.class, () -> disk.lock("lock"));
    first.close();
    first.close();
    assertFalse(isLockedByAnotherProcess());
    second.close();
    assertTrue(isLockedByAnotherProcess());
    disk.lock("lock").close();
  }

  /** Whether another process gets the exclusive lock; it gives it up again. */
  private boolean isLockedByAnotherProcess() throws Exception {
    Process other = start();
    try (BufferedReader output = other.inputReader(UTF_8)) {
      String line = output.readLine();
      other.getOutputStream().close();
      other.waitFor();
      return line != null && line.startsWith("locked by");
    } finally {
      other.destroyForcibly();
    }
  }

  private Process start() throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            LockHolder.class.getName(),
            directory.toString())
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  /** The kernel's own ENOSPC, rather than one made up. */
  @Test
  void aFullDeviceIsADiskFullException() {
    if (!Files.isWritable(Path.of("/dev/full"))) {
      System.out.println("no /dev/full: the kernel's ENOSPC not tried");
      return;
    }
    try (DiskFile full =
        RealDisk.open(Path.of("/dev")).open("full", Access.WRITE, Caching.BUFFERED)) {
      DiskFullException e =
          assertThrows(
              DiskFullException.class,
              () -> full.write(DiskSubject.bytes(DiskSubject.BLOCK, 1), 0));
      assertTrue(String.valueOf(e.getMessage()).contains("/dev/full"), e::toString);
    }
  }
}
