package dev.redoubt.benchmarks;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.Vector;
import org.jspecify.annotations.Nullable;
import site.ycsb.ByteIterator;
import site.ycsb.DB;
import site.ycsb.Status;

/**
 * Takes YCSB's inserts and loads them into a peer, many in a transaction. Confined to one thread.
 */
final class YcsbLoad extends DB {
  private static final int BATCH = 1000;

  private final Peer peer;
  private final YcsbDb encoder;
  private final List<byte[]> keys = new ArrayList<>();
  private final List<byte[]> values = new ArrayList<>();

  YcsbLoad(Peer peer) throws Exception {
    this.peer = peer;
    this.encoder = new YcsbDb(peer.session());
  }

  @Override
  public Status insert(String table, String key, Map<String, ByteIterator> fields) {
    keys.add(YcsbDb.bytes(key));
    values.add(encoder.encode(fields));
    if (keys.size() == BATCH) {
      finish();
    }
    return Status.OK;
  }

  /** Loads what is left. */
  void finish() {
    try {
      peer.load(keys.toArray(byte[][]::new), values.toArray(byte[][]::new));
    } catch (Exception e) {
      throw new IllegalStateException("a load failed", e);
    }
    keys.clear();
    values.clear();
  }

  @Override
  public Status read(
      String table, String key, @Nullable Set<String> fields, Map<String, ByteIterator> result) {
    return Status.NOT_IMPLEMENTED;
  }

  @Override
  @SuppressWarnings({"JdkObsolete", "NonApiType"}) // YCSB's signature
  public Status scan(
      String table,
      String startKey,
      int count,
      @Nullable Set<String> fields,
      Vector<HashMap<String, ByteIterator>> result) {
    return Status.NOT_IMPLEMENTED;
  }

  @Override
  public Status update(String table, String key, Map<String, ByteIterator> fields) {
    return Status.NOT_IMPLEMENTED;
  }

  @Override
  public Status delete(String table, String key) {
    return Status.NOT_IMPLEMENTED;
  }
}
