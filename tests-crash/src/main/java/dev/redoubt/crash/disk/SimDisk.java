package dev.redoubt.crash.disk;

import dev.redoubt.io.Disk;
import dev.redoubt.io.DiskFile;
import dev.redoubt.io.DiskFullException;
import dev.redoubt.io.DiskLock;
import dev.redoubt.io.StorageIoException;
import dev.redoubt.io.StoreLockedException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A disk in memory that promises no more than POSIX does, and can be crashed.
 *
 * <p>Bytes of a file are durable after a force of that file; creating, renaming and deleting is
 * durable after {@link #forceDirectory}. A power loss keeps, loses or tears everything else, each
 * operation for itself, as a {@link CrashChoice} says; sectors are the unit of tearing. {@link
 * #crash} leaves this disk as it is and returns the surviving one, sharing all unchanged blocks: an
 * image costs a few array copies, so a run can be crashed at each of its calls in many ways while
 * it goes on. No clock and no randomness but the choice's own seed: same calls, same choice, same
 * bytes.
 *
 * <p>Faults are injected by {@link #inject}; lack of space by {@link #limitBytes} too. Safe from
 * any thread. Tested by SimDiskTest: a liar must be shown to lie.
 */
public final class SimDisk implements Disk {
  /** Default sector: what a disk without a power-loss promise writes atomically. */
  public static final int SECTOR_BYTES = 512;

  /** What a workload is doing before it has said so ({@link #phase}). */
  public static final String FIRST_PHASE = "run";

  private final ReentrantLock mutex = new ReentrantLock();
  private final Calls calls = new Calls(this);
  private final Set<String> locks = new HashSet<>();
  private final DiskState state;
  private long limitBytes = Long.MAX_VALUE;

  private SimDisk(DiskState state) {
    this.state = state;
  }

  /** An empty disk with sectors of 512 bytes. */
  public static SimDisk create() {
    return create(SECTOR_BYTES);
  }

  /** An empty disk; {@code sectorBytes} (512 or 4096) are written atomically. */
  public static SimDisk create(int sectorBytes) {
    if (sectorBytes != 512 && sectorBytes != 4096) {
      throw new IllegalArgumentException("a sector has 512 or 4096 bytes, not " + sectorBytes);
    }
    return new SimDisk(new DiskState(sectorBytes, new Directory()));
  }

  @Override
  public DiskFile open(String name, Access access, Caching caching) {
    Disk.plainName(name);
    return locked(
        () -> {
          Inode inode = access == Access.CREATE ? create(name) : state.existing(name);
          return new SimFile(this, name, inode, access != Access.READ, caching == Caching.DIRECT);
        });
  }

  private Inode create(String name) {
    if (state.exists(name)) {
      throw new StorageIoException("create " + name + ": the file exists");
    }
    calls.call(IoKind.CREATE, name, 0, 0, true);
    return state.create(name);
  }

  @Override
  public boolean exists(String name) {
    return locked(() -> state.exists(Disk.plainName(name)));
  }

  @Override
  public List<String> list() {
    return locked(() -> List.copyOf(state.directory().seen().keySet()));
  }

  @Override
  public void rename(String from, String to) {
    change(IoKind.RENAME, from, to, from + ">" + to);
  }

  @Override
  public void delete(String name) {
    change(IoKind.DELETE, name, name, name);
  }

  private void change(IoKind kind, String from, String to, String shown) {
    Disk.plainName(from);
    Disk.plainName(to);
    run(
        () -> {
          Inode inode = state.existing(from);
          calls.call(kind, shown, 0, 0, false);
          state.change(kind, from, to, inode);
        });
  }

  @Override
  public void forceDirectory() {
    run(
        () -> {
          if (calls.call(IoKind.FORCE_DIRECTORY, "", 0, 0, false) == null) {
            state.directory().force();
          }
        });
  }

  @Override
  public DiskLock lock(String name) {
    Disk.plainName(name);
    return locked(
        () -> {
          if (locks.contains(name)) {
            throw new StoreLockedException(description() + ": " + name + " is locked already");
          }
          if (!state.exists(name)) {
            create(name);
          }
          locks.add(name);
          return () -> run(() -> locks.remove(name));
        });
  }

  @Override
  public String description() {
    return "simulated disk";
  }

  @Override
  public void close() {}

  // ---- what a test does with the disk ----

  /**
   * The disk as it would be found after a crash here and now. This one goes on unharmed. The image
   * has no locks, no faults, no listener, no limit, and counts its calls from 0.
   */
  public SimDisk crash(CrashChoice choice) {
    return locked(() -> new SimDisk(state.crash(choice)));
  }

  /**
   * Writes every file, as it can be read now, into a folder of a real disk.
   *
   * @throws IOException if that cannot be written
   */
  public void writeTo(Path folder) throws IOException {
    for (String name : list()) {
      try (DiskFile file = open(name, Access.READ, Caching.BUFFERED)) {
        ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(file.size()));
        int read = file.read(bytes, 0);
        Files.write(folder.resolve(name), Arrays.copyOf(bytes.array(), Math.max(0, read)));
      }
    }
  }

  /** Everything unforced that a crash may still decide about, oldest first. */
  public List<PendingOp> pending() {
    return locked(state::pending);
  }

  /** Equal for disks with equal names, bytes and unforced operations (but for hash collisions). */
  public long fingerprint() {
    return locked(state::fingerprint);
  }

  /** Mutating calls so far: the ordinal of the next one. */
  public long ordinal() {
    return locked(calls::ordinal);
  }

  /** Sectors of this disk, in bytes. */
  public int sectorBytes() {
    return state.sectorBytes();
  }

  /** Tells {@code listener} of every mutating call from now on; null for nobody. */
  public void listen(@Nullable IoListener listener) {
    run(() -> calls.listen(listener));
  }

  /** Injects a fault; several may be active, the first that strikes decides. */
  public void inject(Fault fault) {
    run(
        () -> {
          state.directory().seen().keySet().forEach(f -> fault.remember(f, state.existing(f)));
          calls.faults().add(fault);
        });
  }

  /** Removes all faults and the limit on space: the disk is well again (what is lost is lost). */
  public void heal() {
    run(
        () -> {
          calls.faults().clear();
          limitBytes = Long.MAX_VALUE;
        });
  }

  /** Limits the space of all files together; writes that need more fail as on a full disk. */
  public void limitBytes(long bytes) {
    run(() -> limitBytes = bytes);
  }

  /** Space taken by all files, in bytes. */
  public long allocatedBytes() {
    return locked(state::allocatedBytes);
  }

  /** Names what the workload is doing from now on, for traces and coverage. */
  public void phase(String phase) {
    run(() -> calls.phase(phase));
  }

  /** Records every call from now on; with the calling method if {@code sites}. */
  public void record(boolean sites) {
    run(() -> calls.trace().depth(sites ? IoTrace.Depth.CALLS_AND_SITES : IoTrace.Depth.CALLS));
  }

  /** Names the calling method in what the listener is told, recorded or not. */
  public void nameSites(boolean on) {
    run(() -> calls.trace().nameSites(on));
  }

  /** The calls recorded so far. */
  public List<IoEvent> trace() {
    return locked(() -> calls.trace().events());
  }

  /** Flips bits of one stored byte behind everybody's back: bit rot. */
  public void rot(String name, long offset, int flippedBits) {
    run(() -> state.rot(name, offset, flippedBits));
  }

  /**
   * What the device surely holds of a file, whatever is unforced: up to {@code length} bytes from
   * {@code position} on; none if no force has made its name durable.
   */
  public byte[] readDurable(String name, long position, int length) {
    return locked(
        () -> {
          ByteBuffer bytes = ByteBuffer.allocate(length);
          int read = state.readDurable(name, bytes, position);
          return Arrays.copyOf(bytes.array(), read);
        });
  }

  /** Cuts a file short behind everybody's back. */
  public void truncate(String name, long sizeBytes) {
    run(() -> state.existing(name).truncate(sizeBytes));
  }

  // ---- for the files ----

  long nextSequence() {
    return state.nextSequence();
  }

  @Nullable Fault call(IoKind kind, String file, long offset, int length, boolean allocating) {
    return calls.call(kind, file, offset, length, allocating);
  }

  void checkSpace(Inode inode, String file, long position, int length) {
    if (limitBytes == Long.MAX_VALUE) {
      return;
    }
    long more = (long) inode.newBlocks(position, length) * Block.BYTES;
    if (more > 0 && state.allocatedBytes() + more > limitBytes) {
      throw new DiskFullException("write " + file + ": no space left on " + description());
    }
  }

  void run(Runnable body) {
    mutex.lock();
    try {
      body.run();
    } finally {
      mutex.unlock();
    }
  }

  <T> T locked(Supplier<T> body) {
    mutex.lock();
    try {
      return body.get();
    } finally {
      mutex.unlock();
    }
  }
}
