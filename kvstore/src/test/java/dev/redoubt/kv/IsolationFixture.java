package dev.redoubt.kv;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A store in which nothing happens but what a schedule says, with x and y at 0. */
abstract class IsolationFixture {
  static final TreeDef<String, Long> TREE = TreeDef.of("t", Codecs.UTF_8, Codecs.INT64);

  /** Nothing happens but what the schedule says. */
  static final StoreOptions INLINE =
      TestPages.OPTIONS.withEngine(TestPages.OPTIONS.engine().withBackground(false));

  final Store store;

  IsolationFixture(@TempDir Path path) {
    store = Store.open(path, INLINE);
  }

  @BeforeEach
  void open() {
    store.write(
        tx -> {
          tx.tree(TREE).put("x", 0L);
          tx.tree(TREE).put("y", 0L);
        });
  }

  @AfterEach
  void nothingIsLeft() {
    VersionStats left = store.stats().versions();
    assertEquals(0, left.snapshots(), left::toString);
    store.engine().log().forceAll();
    assertEquals(List.of(), store.verify(pages -> {}).problems());
    left = store.stats().versions();
    assertEquals(List.of(0L, 0L), List.of((long) left.chains(), left.keptBytes()), left::toString);
    store.close();
  }

  WriteTx begin(Isolation isolation) {
    return store.beginWrite(INLINE.transaction().withIsolation(isolation));
  }

  static void assertSecondCommit(Isolation isolation, WriteTx tx) {
    if (isolation == Isolation.SNAPSHOT) {
      tx.commit();
    } else {
      ConflictException e = assertThrows(ConflictException.class, tx::commit);
      assertTrue(e.isRetryable());
    }
  }

  static long get(WriteTx tx, String key) {
    Long value = tx.tree(TREE).get(key);
    assertTrue(value != null, key);
    return value == null ? -1 : value;
  }

  static void add(WriteTx tx, String key, long delta) {
    put(tx, key, get(tx, key) + delta);
  }

  static void put(WriteTx tx, String key, long value) {
    tx.tree(TREE).put(key, value);
  }

  /** In a transaction of its own. */
  void put(String key, long value) {
    store.write(tx -> tx.tree(TREE).put(key, value));
  }

  /** Keys but those that the schedules use as their own. */
  static long count(WriteTx tx) {
    return tx.tree(TREE).count(KeyRange.greaterThan("t"))
        + tx.tree(TREE).count(KeyRange.lessThan("b"));
  }

  static List<Long> both(ReadTx tx) {
    return List.of(tx.tree(TREE).find("x").orElseThrow(), tx.tree(TREE).find("y").orElseThrow());
  }

  long now(String key) {
    Long value = nowOrNull(key);
    assertTrue(value != null, key);
    return value == null ? -1 : value;
  }

  @Nullable Long nowOrNull(String key) {
    return store.<@Nullable Long, RuntimeException>read(tx -> tx.tree(TREE).get(key));
  }
}
