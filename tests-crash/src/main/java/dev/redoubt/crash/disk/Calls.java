package dev.redoubt.crash.disk;

import dev.redoubt.io.DiskFullException;
import dev.redoubt.io.StorageIoException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Counts, records and announces the calls on a disk, and lets faults strike. Guarded by it. */
final class Calls {
  private final SimDisk disk;
  private final List<Fault> faults = new ArrayList<>();
  private final IoTrace trace = new IoTrace();
  private @Nullable IoListener listener;
  private String phase = SimDisk.FIRST_PHASE;
  private long ordinal;

  Calls(SimDisk disk) {
    this.disk = disk;
  }

  long ordinal() {
    return ordinal;
  }

  IoTrace trace() {
    return trace;
  }

  List<Fault> faults() {
    return faults;
  }

  void phase(String name) {
    phase = name;
  }

  void listen(@Nullable IoListener newListener) {
    listener = newListener;
  }

  /**
   * Announces a call before it takes effect.
   *
   * @return a fault whose action the caller carries out itself (half a write, failed force, lie),
   *     or null
   * @throws StorageIoException if a fault strikes that needs no more than that
   */
  @Nullable Fault call(IoKind kind, String file, long offset, int length, boolean allocating) {
    IoEvent event =
        new IoEvent(ordinal, kind, file, offset, length, allocating, phase, trace.site());
    trace.add(event);
    if (kind.mutates()) {
      if (listener != null) {
        listener.before(disk, event);
      }
      ordinal++;
    }
    @Nullable Fault struck = null;
    for (Fault fault : faults) {
      if (fault.strikes(event) && struck == null) {
        struck = fault;
      }
    }
    return struck == null ? null : strike(struck, event);
  }

  private static Fault strike(Fault fault, IoEvent event) {
    boolean ownWay = event.kind() == IoKind.FORCE || event.kind() == IoKind.WRITE;
    return switch (fault.action()) {
      case LIE, MISDIRECT, STALE, SHORT -> fault;
      case ENOSPC ->
          throw new DiskFullException(
              event.kind() + " " + event.file() + ": no space left (injected)");
      case EIO, EIO_PARTIAL, EIO_KEEPING -> {
        if (ownWay) {
          yield fault;
        }
        throw failed(event.kind(), event.file());
      }
    };
  }

  static StorageIoException failed(IoKind kind, String file) {
    return new StorageIoException(kind + " " + file + ": input/output error (injected)");
  }
}
