package dev.redoubt.benchmarks;

import org.h2.mvstore.Cursor;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.type.ByteArrayDataType;
import org.jspecify.annotations.Nullable;

/**
 * H2's MVStore: one map of byte arrays, its own background thread. A put is followed by {@code
 * commit}, and when durable by {@code sync}. What it reads are the arrays in its cache, not copies,
 * which flatters it.
 */
final class MvStorePeer implements Peer {
  private final MVStore store;
  private final MVMap<byte[], byte[]> map;
  private final boolean durable;

  MvStorePeer(Setup setup) {
    durable = setup.durable();
    store =
        new MVStore.Builder()
            .fileName(setup.dir().resolve("figures.mv").toString())
            .cacheSize((int) (setup.cacheBytes() >> 20))
            .open();
    map =
        store.openMap(
            "figures",
            new MVMap.Builder<byte[], byte[]>()
                .keyType(ByteArrayDataType.INSTANCE)
                .valueType(ByteArrayDataType.INSTANCE));
  }

  @Override
  public Session session() {
    return new MvStoreSession();
  }

  private void commit() {
    store.commit();
    if (durable) {
      store.sync();
    }
  }

  @Override
  public void load(byte[][] keys, byte[][] values) {
    for (int i = 0; i < keys.length; i++) {
      map.put(keys[i], values[i]);
    }
    commit();
  }

  @Override
  public void close() {
    store.close();
  }

  private final class MvStoreSession implements Session {
    @Override
    public void put(byte[] key, byte[] value) {
      map.put(key, value);
      commit();
    }

    @Override
    public byte @Nullable [] get(byte[] key) {
      return map.get(key);
    }

    @Override
    public int scan(byte[] from, int limit) {
      Cursor<byte[], byte[]> cursor = map.cursor(from);
      int count = 0;
      while (count < limit && cursor.hasNext()) {
        cursor.next();
        count += cursor.getKey().length + cursor.getValue().length > 0 ? 1 : 0;
      }
      return count;
    }
  }
}
