package dev.redoubt.kv;

import dev.redoubt.kv.ReadTree.EntryBytes;
import dev.redoubt.kv.ReadTree.ValueBytes;
import dev.redoubt.kv.ReadTree.ValueChunks;
import dev.redoubt.kv.btree.BTree;
import dev.redoubt.kv.btree.Cell;
import dev.redoubt.kv.btree.OverflowPieces;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads through a callback: user code sees memory that is private to the call and already validated
 * (store rule 4). Neither latch nor pin nor the transaction is held while it runs, and the memory
 * is freed behind it, which the segments it may have kept notice. Stateless.
 */
final class ZeroCopy {
  /** Memory of a scan is taken in blocks: freeing one refuses all segments of it. */
  private static final int BLOCK_BYTES = 64 << 10;

  private ZeroCopy() {}

  static <R extends @Nullable Object, X extends Exception> @Nullable R value(
      ReadTreeView<?, ?> view, byte[] key, ValueBytes<R, X> body) throws X {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment value;
      view.viewer.enter();
      try {
        Cell cell = find(view, key);
        if (cell == null) {
          return null;
        }
        value = arena.allocate(view.reader().lengthOf(cell));
        fill(view, cell, value);
      } finally {
        view.viewer.leave();
      }
      return body.read(value.asReadOnly());
    }
  }

  private static @Nullable Cell find(ReadTreeView<?, ?> view, byte[] key) {
    BTree tree = view.tree();
    if (tree == null) {
      return null;
    }
    view.viewer.reading(tree.treeId(), key);
    return view.reader().cell(view.viewer, tree, key);
  }

  private static void fill(ReadTreeView<?, ?> view, Cell cell, MemorySegment target) {
    if (!cell.overflow()) {
      copy(cell.value(), target);
      return;
    }
    OverflowPieces pieces = view.reader().pieces(cell);
    long filled = 0;
    int length;
    do {
      length = view.reader().nextPiece(view.viewer, pieces, target, filled);
      filled += length;
    } while (length > 0);
  }

  private static void copy(byte[] bytes, MemorySegment target) {
    MemorySegment.copy(MemorySegment.ofArray(bytes), 0, target, 0, bytes.length);
  }

  static <X extends Exception> long chunks(ReadTreeView<?, ?> view, byte[] key, ValueChunks<X> body)
      throws X {
    Viewer viewer = view.viewer;
    Cell cell;
    long changes;
    viewer.enter();
    try {
      cell = find(view, key);
      changes = viewer.changes();
    } finally {
      viewer.leave();
    }
    if (cell == null) {
      return -1;
    }
    long total = view.reader().lengthOf(cell);
    if (!cell.overflow()) {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment piece = arena.allocate(total);
        copy(cell.value(), piece);
        body.read(piece.asReadOnly(), 0, total);
      }
      return total;
    }
    OverflowPieces pieces = view.reader().pieces(cell);
    long at = 0;
    boolean more = true;
    while (more) {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment piece = arena.allocate(pieces.maxPieceBytes());
        int length = nextPiece(view, pieces, piece, changes);
        more = length > 0 && body.read(piece.asSlice(0, length).asReadOnly(), at, total);
        at += length;
      }
    }
    return total;
  }

  private static int nextPiece(
      ReadTreeView<?, ?> view, OverflowPieces pieces, MemorySegment into, long changes) {
    Viewer viewer = view.viewer;
    viewer.enter();
    try {
      if (changes != viewer.changes()) {
        throw new IllegalStateException(
            "the transaction has written while a value was read piece by piece; read it again");
      }
      return view.reader().nextPiece(viewer, pieces, into, 0);
    } finally {
      viewer.leave();
    }
  }

  static <X extends Exception> long entries(
      ReadTreeView<?, ?> view, RangeScan<?, ?> scan, EntryBytes<X> body) throws X {
    long shown = 0;
    while (scan.hasNext()) {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment block = arena.allocate(BLOCK_BYTES);
        long used = 0;
        while (used < BLOCK_BYTES && scan.hasNext()) {
          Map.Entry<byte[], Cell> entry = scan.nextCell();
          byte[] key = entry.getKey();
          Cell cell = entry.getValue();
          long valueBytes = view.reader().lengthOf(cell);
          long bytes = key.length + valueBytes;
          MemorySegment both =
              used + bytes <= BLOCK_BYTES ? block.asSlice(used, bytes) : arena.allocate(bytes);
          used += Math.max(1, bytes);
          copy(key, both);
          MemorySegment value = both.asSlice(key.length, valueBytes);
          fillEntered(view, cell, value);
          shown++;
          if (!body.read(both.asSlice(0, key.length).asReadOnly(), value.asReadOnly())) {
            return shown;
          }
        }
      }
    }
    return shown;
  }

  /** The same without an object for each entry. */
  static <X extends Exception> long entries(
      ReadTreeView<?, ?> view, ByteScan scan, EntryBytes<X> body) throws X {
    long shown = 0;
    while (scan.hasMore()) {
      scan.read();
      for (; scan.hasEntry(); scan.pass()) {
        Cell elsewhere = scan.elsewhere();
        MemorySegment key = scan.key();
        shown++;
        boolean more =
            elsewhere == null
                ? body.read(key, scan.value())
                : showElsewhere(view, key, elsewhere, body);
        if (!more) {
          return shown;
        }
      }
    }
    return shown;
  }

  /** One large value at a time is in memory: a leaf may have hundreds. */
  private static <X extends Exception> boolean showElsewhere(
      ReadTreeView<?, ?> view, MemorySegment key, Cell cell, EntryBytes<X> body) throws X {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment value = arena.allocate(view.reader().lengthOf(cell));
      fillEntered(view, cell, value);
      return body.read(key, value.asReadOnly());
    }
  }

  private static void fillEntered(ReadTreeView<?, ?> view, Cell cell, MemorySegment target) {
    if (!cell.overflow()) {
      copy(cell.value(), target);
      return;
    }
    view.viewer.enter();
    try {
      fill(view, cell, target);
    } finally {
      view.viewer.leave();
    }
  }
}
