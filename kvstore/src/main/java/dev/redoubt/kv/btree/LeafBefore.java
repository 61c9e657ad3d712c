package dev.redoubt.kv.btree;

import dev.redoubt.io.CorruptionException;
import dev.redoubt.recovery.LogRecord;
import org.jspecify.annotations.Nullable;

/**
 * What an update of a leaf found there, as its record tells: undo gives it back, and restart lets
 * others see it while a transaction cannot be undone. {@link LeafChange} writes it.
 */
public sealed interface LeafBefore {
  /** Root page of the tree. */
  long root();

  /** The key that was changed; not to be modified. */
  byte[] key();

  /** There was no such key, or its ghost was nobody's. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Absent(long root, byte[] key) implements LeafBefore {}

  /** There was a cell. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Stored(long root, byte[] key, int flags, byte[] value) implements LeafBefore {
    /** The cell, as leaves are read. */
    public Cell cell() {
      return new Cell(isGhost(flags), isOverflow(flags), value);
    }
  }

  /** There was a cell with the same value and these flags. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Flagged(long root, byte[] key, int flags) implements LeafBefore {
    /** The cell, made from the one that the update left. */
    public Cell cell(Cell after) {
      return new Cell(isGhost(flags), isOverflow(flags), after.value());
    }
  }

  /** There was a number, smaller by {@code delta}; others may have added to it since. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Added(long root, byte[] key, long delta) implements LeafBefore {}

  /**
   * Reads it from the record of an update.
   *
   * @return null if the update changed no leaf: it made a tree or a page of an overflow chain
   * @throws CorruptionException if it is no update of a tree
   */
  static @Nullable LeafBefore of(LogRecord.Update update) {
    BodyReader in = new BodyReader(treePart(update).body());
    int operation = in.getByte();
    return switch (operation) {
      case NodeBodies.INSERT -> {
        in.getSlot();
        in.getByte();
        byte[] key = in.getSized();
        in.skip(in.getCount());
        yield new Absent(in.getVarint(), key);
      }
      case NodeBodies.REPLACE -> {
        in.getSlot();
        in.getByte();
        in.skip(in.getCount());
        yield replaced(update, in);
      }
      case NodeBodies.FLAGS -> {
        in.getSlot();
        in.getByte();
        yield new Flagged(in.getVarint(), in.getSized(), in.getByte());
      }
      case NodeBodies.ADD -> {
        in.getSlot();
        long delta = in.getLong();
        yield new Added(in.getVarint(), in.getSized(), delta);
      }
      case NodeBodies.FORMAT_NODE, NodeBodies.FORMAT_OVERFLOW -> null;
      default -> throw unknown(update, "tree operation", operation);
    };
  }

  /** The change of an update that concerns a page of a tree. */
  static LogRecord.PageChange treePart(LogRecord.Update update) {
    for (LogRecord.PageChange each : update.changes()) {
      if (each.managerId() == TreePages.ID) {
        return each;
      }
    }
    throw new CorruptionException(
        "an update of transaction " + update.transactionId() + " names no tree page");
  }

  private static LeafBefore replaced(LogRecord.Update update, BodyReader in) {
    int kind = in.getByte();
    long root = in.getVarint();
    byte[] key = in.getSized();
    return switch (kind) {
      case LeafChange.REMOVE_KEY -> new Absent(root, key);
      case LeafChange.RESTORE -> new Stored(root, key, in.getByte(), in.getSized());
      default -> throw unknown(update, "undo kind", kind);
    };
  }

  private static CorruptionException unknown(LogRecord.Update update, String what, int number) {
    return new CorruptionException(
        "an update of transaction "
            + update.transactionId()
            + " has "
            + what
            + " "
            + number
            + ", which cannot be undone");
  }

  private static boolean isGhost(int flags) {
    return (flags & NodeLayout.GHOST) != 0;
  }

  private static boolean isOverflow(int flags) {
    return (flags & NodeLayout.OVERFLOW) != 0;
  }
}
