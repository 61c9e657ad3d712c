package dev.redoubt.benchmarks;

import java.nio.ByteBuffer;
import java.util.ArrayList;
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
import org.lmdbjava.Txn;

/**
 * LMDB: a map of 8 GiB, cached by the operating system, so that {@code cacheBytes} does not bound
 * it; lmdbjava's checks are off. Durable: its default. Not durable: {@code MDB_NOSYNC}, with which
 * a power cut may damage the store, which flatters it. A reader renews its snapshot for every
 * operation. Writers queue on a lock of ours, as they would on its own.
 */
final class LmdbPeer implements Peer {
  private static final long MAP_BYTES = 8L << 30;
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
  public void load(byte[][] keys) {
    SplittableRandom random = new SplittableRandom(keys.length);
    ByteBuffer k = ByteBuffer.allocateDirect(Keys.KEY_BYTES);
    ByteBuffer v = ByteBuffer.allocateDirect(Keys.VALUE_BYTES);
    try (Txn<ByteBuffer> tx = env.txnWrite()) {
      for (byte[] key : keys) {
        dbi.put(tx, k.clear().put(key).flip(), v.clear().put(Keys.value(random)).flip());
      }
      tx.commit();
    }
  }

  @Override
  public void close() {
    env.close();
  }

  private static byte[] copy(ByteBuffer buffer) {
    byte[] copy = new byte[buffer.remaining()];
    buffer.get(buffer.position(), copy);
    return copy;
  }

  private final class LmdbSession implements Session {
    private final ByteBuffer key = ByteBuffer.allocateDirect(Keys.KEY_BYTES);
    private final ByteBuffer value = ByteBuffer.allocateDirect(Keys.VALUE_BYTES);
    private @Nullable Txn<ByteBuffer> reader;

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
        dbi.put(tx, key.clear().put(k).flip(), value.clear().put(v).flip());
        tx.commit();
      } finally {
        writers.unlock();
      }
    }

    @Override
    public byte @Nullable [] get(byte[] k) {
      ByteBuffer found = dbi.get(renewed(), key.clear().put(k).flip());
      return found == null ? null : copy(found);
    }

    @Override
    public int scan(byte[] from, int limit) {
      try (Cursor<ByteBuffer> cursor = dbi.openCursor(renewed())) {
        boolean more = cursor.get(key.clear().put(from).flip(), GetOp.MDB_SET_RANGE);
        int count = 0;
        while (more && count < limit) {
          count += copy(cursor.key()).length + copy(cursor.val()).length > 0 ? 1 : 0;
          more = cursor.next();
        }
        return count;
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
