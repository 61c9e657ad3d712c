package dev.redoubt.crash.disk;

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
    /** The call reports success and does nothing (a force or directory force). */
    LIE
  }

  private final IoKind kind;
  private final String filePrefix;
  private final long nth;
  private final boolean forEver;
  private final Action action;
  private final AtomicLong matched = new AtomicLong();

  private Fault(IoKind kind, String filePrefix, long nth, boolean forEver, Action action) {
    this.kind = kind;
    this.filePrefix = filePrefix;
    this.nth = nth;
    this.forEver = forEver;
    this.action = action;
  }

  /** Fails the {@code nth} (from 0) call of a kind on files whose name begins so, once. */
  public static Fault once(IoKind kind, String filePrefix, long nth, Action action) {
    return new Fault(kind, filePrefix, nth, false, action);
  }

  /** Fails the {@code nth} (from 0) call of a kind on files whose name begins so, and all after. */
  public static Fault forEver(IoKind kind, String filePrefix, long nth, Action action) {
    return new Fault(kind, filePrefix, nth, true, action);
  }

  /** Calls that matched so far, whether they failed or not. */
  public long matched() {
    return matched.get();
  }

  /** Whether the fault has struck. */
  public boolean struck() {
    return matched.get() > nth;
  }

  Action action() {
    return action;
  }

  /** Counts {@code event} if it matches; whether it must fail. */
  boolean strikes(IoEvent event) {
    if (event.kind() != kind || !event.file().startsWith(filePrefix)) {
      return false;
    }
    if (action == Action.ENOSPC && !event.allocating()) {
      return false;
    }
    long number = matched.getAndIncrement();
    return forEver ? number >= nth : number == nth;
  }
}
