package dev.redoubt.kv;

import dev.redoubt.io.CorruptionException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Comparator;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Bytes of the read ranges in a prepare record; {@code docs/format-records.md} is the law. They are
 * bounded: the trees with the longest lists count as read as a whole, then everything does.
 */
final class ReadRanges {
  /** More than this is made coarser; the log takes records of two pages at least. */
  static final int MOST_BYTES = 4096;

  private static final int LISTED = 1;
  private static final int EVERYTHING = 2;
  private static final int NO_END = 0xffff;

  private ReadRanges() {}

  /** The bytes of {@code reads}, made coarser if they would be too many. */
  static byte[] encode(ReadSet reads) {
    if (reads.isEverything()) {
      return new byte[] {EVERYTHING};
    }
    Map<Integer, byte[]> lists = new TreeMap<>();
    reads.forEach((treeId, intervals) -> lists.put(treeId, encode(intervals)));
    int total = lists.values().stream().mapToInt(list -> 4 + list.length).sum();
    while (total > MOST_BYTES) {
      Map.Entry<Integer, byte[]> longest =
          lists.entrySet().stream()
              .max(Comparator.comparingInt(entry -> entry.getValue().length))
              .orElseThrow();
      byte[] whole = encode(KeyIntervals.all());
      if (longest.getValue().length <= whole.length) {
        return new byte[] {EVERYTHING};
      }
      total -= longest.getValue().length - whole.length;
      longest.setValue(whole);
    }
    return write(
        out -> {
          out.writeByte(LISTED);
          out.writeInt(lists.size());
          for (Map.Entry<Integer, byte[]> each : lists.entrySet()) {
            out.writeInt(each.getKey());
            out.write(each.getValue());
          }
        });
  }

  private static byte[] encode(KeyIntervals intervals) {
    return write(
        out -> {
          out.writeInt(intervals.size());
          for (Map.Entry<byte[], byte @Nullable []> each : intervals.entries()) {
            byte[] high = each.getValue();
            out.writeShort(each.getKey().length);
            out.write(each.getKey());
            out.writeShort(high == null ? NO_END : high.length);
            out.write(high == null ? new byte[0] : high);
          }
        });
  }

  private interface Body {
    void to(DataOutputStream out) throws IOException;
  }

  private static byte[] write(Body body) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      body.to(new DataOutputStream(bytes));
    } catch (IOException e) {
      throw new UncheckedIOException(e); // memory does not fail
    }
    return bytes.toByteArray();
  }

  /**
   * What the bytes say; no bytes at all are no ranges.
   *
   * @throws CorruptionException if they are not what {@link #encode} gives
   */
  static ReadSet decode(byte[] bytes, long transactionId) {
    ReadSet reads = new ReadSet();
    if (bytes.length == 0) {
      return reads;
    }
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
      int form = in.readByte();
      if (form == EVERYTHING) {
        reads.addEverything();
      } else if (form == LISTED) {
        int trees = in.readInt();
        for (int i = 0; i < trees; i++) {
          decodeTree(in, reads);
        }
      }
      if ((form == EVERYTHING || form == LISTED) && in.read() < 0) {
        return reads;
      }
    } catch (IOException cutShort) {
      throw corrupt(bytes, transactionId, cutShort);
    }
    throw corrupt(bytes, transactionId, null);
  }

  private static void decodeTree(DataInputStream in, ReadSet reads) throws IOException {
    int treeId = in.readInt();
    int count = in.readInt();
    for (int i = 0; i < count; i++) {
      byte[] low = key(in, in.readUnsignedShort());
      int highBytes = in.readUnsignedShort();
      reads.add(treeId, low, highBytes == NO_END ? null : key(in, highBytes));
    }
  }

  private static byte[] key(DataInputStream in, int lengthBytes) throws IOException {
    byte[] key = new byte[lengthBytes];
    in.readFully(key);
    return key;
  }

  private static CorruptionException corrupt(
      byte[] bytes, long transactionId, @Nullable IOException cause) {
    CorruptionException corrupt =
        new CorruptionException(
            "the prepare record of transaction "
                + transactionId
                + " has "
                + bytes.length
                + " bytes of read ranges that are not known; open the store with the program that"
                + " wrote it and decide the transaction there");
    if (cause != null) {
      corrupt.addSuppressed(cause);
    }
    return corrupt;
  }
}
