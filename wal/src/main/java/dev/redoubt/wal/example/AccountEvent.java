package dev.redoubt.wal.example;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What happens to accounts, and how it stands in a record: a byte for the type, then the fields in
 * order, big-endian; a name is its length in two bytes and UTF-8. Amounts are in cents.
 */
public sealed interface AccountEvent {
  /** Money came in. */
  record Deposited(String account, long cents) implements AccountEvent {}

  /** Money went from one account to another. */
  record Transferred(String from, String to, long cents) implements AccountEvent {}

  /** All balances at this moment: whoever has this needs nothing that came before. */
  record Snapshot(SortedMap<String, Long> balances) implements AccountEvent {}

  /** What this makes of the balances before it. */
  default void applyTo(Map<String, Long> balances) {
    switch (this) {
      case Deposited(String account, long cents) -> balances.merge(account, cents, Long::sum);
      case Transferred(String from, String to, long cents) -> {
        balances.merge(from, -cents, Long::sum);
        balances.merge(to, cents, Long::sum);
      }
      case Snapshot(SortedMap<String, Long> all) -> {
        balances.clear();
        balances.putAll(all);
      }
    }
  }

  /** The bytes of a record, from position 0 to the limit of a new buffer. */
  default ByteBuffer encode() {
    ByteBuffer out = ByteBuffer.allocate(encodedBytes());
    switch (this) {
      case Deposited(String account, long cents) -> {
        out.put((byte) 1);
        putName(out, account).putLong(cents);
      }
      case Transferred(String from, String to, long cents) -> {
        out.put((byte) 2);
        putName(putName(out, from), to).putLong(cents);
      }
      case Snapshot(SortedMap<String, Long> balances) -> {
        out.put((byte) 3).putInt(balances.size());
        balances.forEach((account, cents) -> putName(out, account).putLong(cents));
      }
    }
    return out.flip();
  }

  /**
   * The event of a record.
   *
   * @param in moved past what was read
   * @throws IllegalArgumentException if the record is of no known type
   */
  static AccountEvent decode(ByteBuffer in) {
    byte type = in.get();
    return switch (type) {
      case 1 -> new Deposited(getName(in), in.getLong());
      case 2 -> new Transferred(getName(in), getName(in), in.getLong());
      case 3 -> {
        SortedMap<String, Long> balances = new TreeMap<>();
        for (int left = in.getInt(); left > 0; left--) {
          balances.put(getName(in), in.getLong());
        }
        yield new Snapshot(balances);
      }
      default -> throw new IllegalArgumentException("no event has type " + type);
    };
  }

  private int encodedBytes() {
    return switch (this) {
      case Deposited(String account, long _) -> 1 + nameBytes(account) + Long.BYTES;
      case Transferred(String from, String to, long _) ->
          1 + nameBytes(from) + nameBytes(to) + Long.BYTES;
      case Snapshot(SortedMap<String, Long> balances) ->
          1
              + Integer.BYTES
              + balances.keySet().stream().mapToInt(name -> nameBytes(name) + Long.BYTES).sum();
    };
  }

  private static int nameBytes(String name) {
    return Short.BYTES + name.getBytes(StandardCharsets.UTF_8).length;
  }

  private static ByteBuffer putName(ByteBuffer out, String name) {
    byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
    return out.putShort((short) bytes.length).put(bytes);
  }

  private static String getName(ByteBuffer in) {
    byte[] bytes = new byte[Short.toUnsignedInt(in.getShort())];
    in.get(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
