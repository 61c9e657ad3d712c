package dev.redoubt.benchmarks;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.lmdbjava.ByteBufferProxy;
import org.lmdbjava.Cursor;
import org.lmdbjava.Dbi;
import org.lmdbjava.DbiFlags;
import org.lmdbjava.Env;
import org.lmdbjava.EnvFlags;
import org.lmdbjava.GetOp;
import org.lmdbjava.PutFlags;
import org.lmdbjava.Txn;

/**
 * LMDB: a map of 8 GiB, cached by the operating system, so that {@code cacheBytes} does not bound
 * it; lmdbjava's checks are off. Durable: its default. Not durable: {@code MDB_NOSYNC}, with which
 * a power cut may damage the store, which flatters it. A reader renews its snapshot for every
 * operation. Writers queue on a lock of ours, as they would on its own.
 */
final class LmdbPeer implements Peer {
  private static final long MAP_BYTES = 8L << 30;
  private static final PutFlags[] NO_FLAGS = {};
  private static final int MAX_READERS = 2048;

  private final Env<ByteBuffer> env;
  private final Dbi<ByteBuffer> dbi;
  private final ReentrantLock writers = new ReentrantLock();

  LmdbPeer(Setup setup) {
    System.setProperty(Env.DISABLE_CHECKS_PROP, "true");
    List<EnvFlags> flags = new ArrayList<>(List.of(EnvFlags.MDB_NOTLS));
    if (!setup.durable()) {
      flags.add(EnvFlags.MDB_NOSYNC);
    }
    if (setup.larger()) {
      flags.add(EnvFlags.MDB_NORDAHEAD);
    }
    env =
        Env.create(ByteBufferProxy.PROXY_OPTIMAL)
            .setMapSize(MAP_BYTES)
            .setMaxDbs(1)
            .setMaxReaders(MAX_READERS)
            .open(setup.dir().toFile(), flags.toArray(EnvFlags[]::new));
    dbi = env.openDbi("figures", DbiFlags.MDB_CREATE);
  }

  @Override
  public Session session() {
    return new LmdbSession();
  }

  @Override
  public void load(byte[][] keys, byte[][] values) {
    load(keys, values, NO_FLAGS);
  }

  /** With {@code MDB_APPEND}, all in one transaction. */
  @Override
  public void bulkLoad(byte[][] keys, int batch) {
    SplittableRandom random = new SplittableRandom(keys.length);
    byte[][] values = new byte[keys.length][];
    Arrays.setAll(values, i -> Keys.value(random));
    load(keys, values, PutFlags.MDB_APPEND);
  }

  private void load(byte[][] keys, byte[][] values, PutFlags... flags) {
    ByteBuffer k = null;
    ByteBuffer v = null;
    try (Txn<ByteBuffer> tx = env.txnWrite()) {
      for (int i = 0; i < keys.length; i++) {
        k = filled(k, keys[i]);
        v = filled(v, values[i]);
        dbi.put(tx, k, v, flags);
      }
      tx.commit();
    }
  }

  @Override
  public void close() {
    env.close();
  }

  /** A direct buffer with these bytes: that one, if it is long enough. */
  private static ByteBuffer filled(@Nullable ByteBuffer buffer, byte[] bytes) {
    ByteBuffer room =
        buffer != null && buffer.capacity() >= bytes.length
            ? buffer
            : ByteBuffer.allocateDirect(Math.max(64, 2 * bytes.length));
    return room.clear().put(bytes).flip();
  }

  private static byte[] copy(ByteBuffer buffer) {
    byte[] copy = new byte[buffer.remaining()];
    buffer.get(buffer.position(), copy);
    return copy;
  }

  private final class LmdbSession implements Session {
    private @Nullable ByteBuffer key;
    private @Nullable ByteBuffer value;
    private @Nullable Txn<ByteBuffer> reader;

    private ByteBuffer key(byte[] bytes) {
      ByteBuffer buffer = filled(key, bytes);
      key = buffer;
      return buffer;
    }

    private ByteBuffer value(byte[] bytes) {
      ByteBuffer buffer = filled(value, bytes);
      value = buffer;
      return buffer;
    }

    private Txn<ByteBuffer> renewed() {
      Txn<ByteBuffer> tx = reader;
      if (tx == null) {
        tx = env.txnRead();
        reader = tx;
      } else {
        tx.reset();
        tx.renew();
      }
      return tx;
    }

    @Override
    public void put(byte[] k, byte[] v) {
      writers.lock();
      try (Txn<ByteBuffer> tx = env.txnWrite()) {
        dbi.put(tx, key(k), value(v));
        tx.commit();
      } finally {
        writers.unlock();
      }
    }

    @Override
    public byte @Nullable [] get(byte[] k) {
      ByteBuffer found = dbi.get(renewed(), key(k));
      return found == null ? null : copy(found);
    }

    @Override
    public int scan(byte[] from, int limit) {
      try (Cursor<ByteBuffer> cursor = dbi.openCursor(renewed())) {
        boolean more = cursor.get(key(from), GetOp.MDB_SET_RANGE);
        int count = 0;
        while (more && count < limit) {
          count += copy(cursor.key()).length + copy(cursor.val()).length > 0 ? 1 : 0;
          more = cursor.next();
        }
        return count;
      }
    }

    @Override
    public int look(byte[] from, int limit) {
      try (Cursor<ByteBuffer> cursor = dbi.openCursor(renewed())) {
        boolean more = cursor.get(key(from), GetOp.MDB_SET_RANGE);
        int count = 0;
        int seen = 0;
        while (more && count < limit) {
          seen ^= cursor.key().get(0) ^ cursor.val().get(0);
          count++;
          more = cursor.next();
        }
        return seen > 0xff ? -1 : count; // it is not, and that is to be found out
      }
    }

    @Override
    public void close() {
      if (reader != null) {
        reader.close();
      }
    }
  }
}
