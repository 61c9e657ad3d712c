package dev.redoubt.benchmarks;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.Vector;
import org.jspecify.annotations.Nullable;
import site.ycsb.ByteArrayByteIterator;
import site.ycsb.ByteIterator;
import site.ycsb.DB;
import site.ycsb.Status;

/**
 * A peer as a store of YCSB: a record is one value, its fields one behind the other, each with the
 * lengths of its name and its bytes. An update writes the whole record, as {@code writeallfields}
 * has YCSB do. Confined to one thread.
 */
final class YcsbDb extends DB {
  private final Peer.Session session;
  private ByteBuffer record = ByteBuffer.allocate(2048);

  YcsbDb(Peer.Session session) {
    this.session = session;
  }

  @Override
  public Status read(
      String table, String key, @Nullable Set<String> fields, Map<String, ByteIterator> result) {
    byte[] value;
    try {
      value = session.get(bytes(key));
    } catch (Exception e) {
      throw failed("read", e);
    }
    if (value == null) {
      return Status.NOT_FOUND;
    }
    decode(value, result);
    return Status.OK;
  }

  @Override
  @SuppressWarnings({"JdkObsolete", "NonApiType"}) // YCSB's signature
  public Status scan(
      String table,
      String startKey,
      int count,
      @Nullable Set<String> fields,
      Vector<HashMap<String, ByteIterator>> result) {
    try {
      return session.scan(bytes(startKey), count) > 0 ? Status.OK : Status.NOT_FOUND;
    } catch (Exception e) {
      throw failed("scan", e);
    }
  }

  @Override
  public Status update(String table, String key, Map<String, ByteIterator> values) {
    return insert(table, key, values);
  }

  @Override
  public Status insert(String table, String key, Map<String, ByteIterator> values) {
    try {
      session.put(bytes(key), encode(values));
      return Status.OK;
    } catch (Exception e) {
      throw failed("put", e);
    }
  }

  @Override
  public Status delete(String table, String key) {
    return Status.NOT_IMPLEMENTED;
  }

  static byte[] bytes(String key) {
    return key.getBytes(StandardCharsets.ISO_8859_1);
  }

  /** The record; the receiver's own. */
  byte[] encode(Map<String, ByteIterator> fields) {
    record.clear();
    for (Map.Entry<String, ByteIterator> each : fields.entrySet()) {
      byte[] name = bytes(each.getKey());
      byte[] value = each.getValue().toArray();
      int more = 2 * Integer.BYTES + name.length + value.length;
      if (record.remaining() < more) {
        record = ByteBuffer.allocate(2 * (record.position() + more)).put(record.flip());
      }
      record.putInt(name.length).put(name).putInt(value.length).put(value);
    }
    byte[] encoded = new byte[record.flip().remaining()];
    record.get(encoded);
    return encoded;
  }

  static void decode(byte[] value, Map<String, ByteIterator> fields) {
    ByteBuffer in = ByteBuffer.wrap(value);
    while (in.hasRemaining()) {
      int nameLength = in.getInt();
      String name = new String(value, in.position(), nameLength, StandardCharsets.ISO_8859_1);
      in.position(in.position() + nameLength);
      int length = in.getInt();
      fields.put(name, new ByteArrayByteIterator(value, in.position(), length));
      in.position(in.position() + length);
    }
  }

  private static IllegalStateException failed(String what, Exception cause) {
    return new IllegalStateException("a " + what + " failed", cause);
  }
}
