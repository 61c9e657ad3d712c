package dev.redoubt.crash.disk;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A failure the simulated disk injects. Counts the matching calls from the moment it is given to
 * the disk.
 */
public final class Fault {
  /** What goes wrong. */
  public enum Action {
    /**
     * The call fails with an I/O error. A write writes nothing. A force fails as Linux does it: the
     * unforced bytes are thrown away, yet reads through the cache still show them.
     */
    EIO,
    /** A write fails with an I/O error after half of its bytes; as {@link #EIO} elsewhere. */
    EIO_PARTIAL,
    /** A force fails and the unforced bytes stay unforced; as {@link #EIO} elsewhere. */
    EIO_KEEPING,
    /** No space is left. Matches only calls that would take space: overwriting never does. */
    ENOSPC,
    /**
     * The call reports success and does nothing: a force, a force of the directory, or a write,
     * which is lost for good.
     */
    LIE,
    /** A write reports success, and its bytes are in another place of the file. */
    MISDIRECT,
    /** A read gives what the file held when the fault was injected. */
    STALE,
    /**
     * A read or write transfers half of the bytes, whole blocks if it can, and the rest in another
     * call, as whoever loops over short transfers has to: one more place to crash at, or to fail.
     * Nobody is told, and nothing goes wrong. Matches reads and writes only.
     */
    SHORT
  }

  private final IoKind kind;
  private final String filePrefix;
  private final long nth;
  private final boolean forEver;
  private final Action action;
  private final long shiftBytes;
  private final AtomicLong matched = new AtomicLong();

  /** What reads are to show, by inode; only for {@link Action#STALE}. Guarded by the disk. */
  private final Map<Long, Blocks> past = new HashMap<>();

  private Fault(
      IoKind kind, String filePrefix, long nth, boolean forEver, Action action, long shiftBytes) {
    this.shiftBytes = shiftBytes;
    this.kind = kind;
    this.filePrefix = filePrefix;
    this.nth = nth;
    this.forEver = forEver;
    this.action = action;
  }

  /** Fails the {@code nth} (from 0) call of a kind on files whose name begins so, once. */
  public static Fault once(IoKind kind, String filePrefix, long nth, Action action) {
    return new Fault(kind, filePrefix, nth, false, action, 0);
  }

  /** The {@code nth} write (from 0) to files whose name begins so ends up so far away, once. */
  public static Fault misdirected(String filePrefix, long nth, long shiftBytes) {
    return new Fault(IoKind.WRITE, filePrefix, nth, false, Action.MISDIRECT, shiftBytes);
  }

  /** Fails the {@code nth} (from 0) call of a kind on files whose name begins so, and all after. */
  public static Fault forEver(IoKind kind, String filePrefix, long nth, Action action) {
    return new Fault(kind, filePrefix, nth, true, action, 0);
  }

  /** Calls that matched so far, whether they failed or not. */
  public long matched() {
    return matched.get();
  }

  /** Whether the fault has struck. */
  public boolean struck() {
    return matched.get() > nth;
  }

  /** What goes wrong. */
  public Action action() {
    return action;
  }

  /** Where a misdirected write goes, seen from where it should; never before the file. */
  long misdirected(long position) {
    return position + shiftBytes < 0 ? position - shiftBytes : position + shiftBytes;
  }

  /** Keeps what the file holds now, if reads of it are to show that. */
  void remember(String file, Inode inode) {
    if (action == Action.STALE && file.startsWith(filePrefix)) {
      past.put(inode.id(), inode.image());
    }
  }

  /** What the file held when this was injected: nothing, if it was not there. */
  Blocks past(Inode inode) {
    return past.getOrDefault(inode.id(), Blocks.empty());
  }

  /** Counts {@code event} if it matches; whether it must fail. */
  boolean strikes(IoEvent event) {
    if (event.kind() != kind || !event.file().startsWith(filePrefix)) {
      return false;
    }
    if (action == Action.ENOSPC && !event.allocating()) {
      return false;
    }
    if (action == Action.SHORT && kind != IoKind.READ && kind != IoKind.WRITE) {
      return false;
    }
    long number = matched.getAndIncrement();
    return forEver ? number >= nth : number == nth;
  }
}
