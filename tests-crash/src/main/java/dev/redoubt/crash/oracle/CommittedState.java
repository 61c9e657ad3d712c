package dev.redoubt.crash.oracle;

import dev.redoubt.io.Disk;
import dev.redoubt.io.DiskFile;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * What the log alone says is committed in the trees of a store. An interpreter of its own: it reads
 * the log by {@code docs/format-log.md}, the records by {@code docs/format-records.md}, the bodies
 * by {@code docs/format-page.md}, and looks at no page. An update counts when the commit record of
 * its transaction is there, a CLR takes the update away that it compensates, losers and what is in
 * doubt count for nothing. The log must reach back to the beginning of the store.
 */
public final class CommittedState {
  private static final int TREES = 10;
  private static final int GHOST = 1;
  private static final int OVERFLOW = 2;

  /** What a key has. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Cell(int flags, byte[] value) {}

  /**
   * An update that is not undone yet.
   *
   * @param lsn of its record
   * @param root page of the tree
   * @param flags -1 for an increment
   * @param value null if the cell keeps the one that it has
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Op(
      long lsn, long root, String key, int flags, byte @Nullable [] value, long delta) {}

  /** A link of an overflow chain. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Link(long next, byte[] bytes) {}

  private final Map<Long, Deque<Op>> open = new HashMap<>();
  private final Map<Long, SortedMap<String, Cell>> trees = new HashMap<>();
  private final Map<Long, Link> links = new HashMap<>();

  private CommittedState() {}

  /**
   * Reads the log on {@code disk} as it can be read now.
   *
   * @return the committed entries whose keys, read as UTF-8, begin with {@code prefix}, of all
   *     trees
   * @throws AssertionError if the log does not reach back to the beginning
   */
  public static SortedMap<String, byte[]> read(Disk disk, String prefix) {
    CommittedState state = new CommittedState();
    RawLog log = new RawLog((name, position, length) -> bytes(disk, name, position, length));
    for (RawLog.Frame frame : log.follow(0)) {
      state.add(frame);
    }
    if (log.end() == 0 && log.master().checkpointLsn() != 0) {
      throw new AssertionError("the log does not reach back to the beginning: " + disk.list());
    }
    SortedMap<String, byte[]> entries = new TreeMap<>();
    for (SortedMap<String, Cell> tree : state.trees.values()) {
      tree.forEach(
          (key, cell) -> {
            if (key.startsWith(prefix) && (cell.flags() & GHOST) == 0) {
              entries.put(key, cell.value());
            }
          });
    }
    return entries;
  }

  private static byte[] bytes(Disk disk, String name, long position, int length) {
    if (!disk.exists(name)) {
      return new byte[0];
    }
    try (DiskFile file = disk.open(name, Disk.Access.READ, Disk.Caching.BUFFERED)) {
      ByteBuffer bytes = ByteBuffer.allocate(length);
      file.read(bytes, position);
      return Arrays.copyOf(bytes.array(), bytes.position());
    }
  }

  private void add(RawLog.Frame frame) {
    if (RawRecord.typeOf(frame.payload()) == RawRecord.CHECKPOINT_TABLES) {
      return;
    }
    RawRecord record = RawRecord.read(frame);
    for (RawRecord.Part part : record.parts()) {
      body(record, part);
    }
    switch (record.type()) {
      case RawRecord.CLR -> {
        Deque<Op> ops = opsOf(record);
        while (!ops.isEmpty() && ops.getLast().lsn() > record.undoNextLsn()) {
          ops.removeLast();
        }
      }
      case RawRecord.COMMIT -> opsOf(record).forEach(this::apply);
      case RawRecord.END -> open.remove(record.transactionId());
      default -> {} // changes nothing that is committed
    }
  }

  private Deque<Op> opsOf(RawRecord record) {
    return open.computeIfAbsent(record.transactionId(), _ -> new ArrayDeque<>());
  }

  private void body(RawRecord record, RawRecord.Part part) {
    if (part.manager() != TREES || record.type() == RawRecord.UNDO_COPY) {
      return;
    }
    ByteBuffer in = Bytes.littleEndian(part.body());
    int operation = in.get();
    if (operation == 32) {
      RawRecord.varint(in); // owner
      links.put(part.pageId(), new Link(RawRecord.varint(in), sized(in)));
    } else if (record.type() == RawRecord.UPDATE) {
      @Nullable Op op = update(record.lsn(), operation, in);
      if (op != null) {
        opsOf(record).add(op);
      }
    }
  }

  /** By the table of operations in {@code docs/format-page.md}. */
  private @Nullable Op update(long lsn, int operation, ByteBuffer in) {
    if (operation != 1 && operation != 2 && operation != 3 && operation != 6) {
      return null; // of the structure
    }
    RawRecord.varint(in); // slot
    if (operation == 6) {
      long delta = in.getLong();
      long root = RawRecord.varint(in);
      return new Op(lsn, root, key(in), -1, null, delta);
    }
    int flags = in.get();
    if (operation == 1) {
      String key = key(in);
      byte[] value = value(flags, sized(in));
      return new Op(lsn, RawRecord.varint(in), key, flags, value, 0);
    }
    byte[] value = null;
    if (operation == 2) {
      value = value(flags, sized(in));
      in.get(); // kind of undo
    }
    long root = RawRecord.varint(in);
    return new Op(lsn, root, key(in), flags, value, 0);
  }

  private void apply(Op op) {
    SortedMap<String, Cell> tree = trees.computeIfAbsent(op.root(), _ -> new TreeMap<>());
    Cell before = tree.get(op.key());
    byte[] value = op.value();
    if (value == null) {
      if (before == null) {
        throw new AssertionError(op.key() + " is changed at " + op.lsn() + " and was never there");
      }
      value = before.value();
    }
    int flags = op.flags();
    if (flags < 0 && before != null) {
      flags = before.flags();
      value = ByteBuffer.allocate(8).putLong(ByteBuffer.wrap(value).getLong() + op.delta()).array();
    }
    tree.put(op.key(), new Cell(flags, value));
  }

  /** The value itself; a reference leads along its chain. */
  private byte[] value(int flags, byte[] inLeaf) {
    if ((flags & OVERFLOW) == 0) {
      return inLeaf;
    }
    ByteBuffer reference = Bytes.littleEndian(inLeaf);
    long page = reference.getLong();
    ByteBuffer value = ByteBuffer.allocate((int) reference.getLong());
    while (page != 0) {
      Link link = links.get(page);
      if (link == null) {
        throw new AssertionError("no record of the overflow page " + page);
      }
      value.put(link.bytes());
      page = link.next();
    }
    CRC32C crc = new CRC32C();
    crc.update(value.array());
    if ((int) crc.getValue() != reference.getInt() || value.hasRemaining()) {
      throw new AssertionError("the chain is not what its reference says: " + value);
    }
    return value.array();
  }

  private static String key(ByteBuffer in) {
    return new String(sized(in), StandardCharsets.UTF_8);
  }

  private static byte[] sized(ByteBuffer in) {
    byte[] bytes = new byte[(int) RawRecord.varint(in)];
    in.get(bytes);
    return bytes;
  }
}
