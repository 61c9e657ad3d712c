package dev.redoubt.kv;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Operations that read and write a key, or a range, in one. */
final class TreeOperationsTest extends IsolationFixture {
  private static final long SEED = 20261128;

  TreeOperationsTest(@TempDir Path path) {
    super(path);
  }

  @Test
  void everyOperationDoesWhatAMapDoesSavepointsIncluded() {
    Random random = new Random(SEED);
    TreeMap<String, Long> model = new TreeMap<>(Map.of("x", 0L, "y", 0L));
    for (int round = 0; round < 60; round++) {
      TreeMap<String, Long> changed = new TreeMap<>(model);
      WriteTx tx = store.beginWrite();
      Deque<Map.Entry<Savepoint, TreeMap<String, Long>>> savepoints = new ArrayDeque<>();
      for (int i = 0; i < 40; i++) {
        switch (random.nextInt(12)) {
          case 0 -> savepoints.push(Map.entry(tx.savepoint(), new TreeMap<>(changed)));
          case 1 -> {
            for (int up = random.nextInt(3); up > 0 && savepoints.size() > 1; up--) {
              savepoints.pop();
            }
            if (!savepoints.isEmpty()) {
              tx.rollbackTo(savepoints.getFirst().getKey());
              changed = new TreeMap<>(savepoints.getFirst().getValue());
            }
          }
          default -> step(random, tx.tree(TREE), changed);
        }
        assertEquals(changed, contents(tx.tree(TREE)), "seed " + SEED + ", round " + round);
      }
      if (random.nextInt(4) > 0) {
        tx.commit();
        model = changed;
      } else {
        tx.close();
      }
      TreeMap<String, Long> expected = model;
      store.view(reader -> assertEquals(expected, contents(reader.tree(TREE))));
    }
  }

  private static void step(Random random, Tree<String, Long> tree, Map<String, Long> model) {
    String key = "k" + random.nextInt(12);
    long value = random.nextInt(4);
    long other = random.nextInt(4);
    switch (random.nextInt(12)) {
      case 0 -> {
        tree.put(key, value);
        model.put(key, value);
      }
      case 1 -> assertEquals(model.putIfAbsent(key, value), tree.putIfAbsent(key, value));
      case 2 -> assertEquals(model.remove(key), tree.remove(key));
      case 3 -> assertEquals(model.remove(key, value), tree.remove(key, value));
      case 4 -> assertEquals(model.replace(key, value), tree.replace(key, value));
      case 5 -> assertEquals(model.replace(key, other, value), tree.replace(key, other, value));
      case 6 -> assertEquals(model.get(key), tree.getForUpdate(key));
      case 7 ->
          assertEquals(
              model.compute(key, (k, old) -> changed(old, value)),
              tree.compute(key, (k, old) -> changed(old, value)));
      case 8 ->
          assertEquals(
              model.computeIfAbsent(key, k -> changed(other, value)),
              tree.computeIfAbsent(key, k -> changed(other, value)));
      case 9 ->
          assertEquals(
              model.computeIfPresent(key, (k, old) -> changed(old, value)),
              tree.computeIfPresent(key, (k, old) -> changed(old, value)));
      case 10 ->
          assertEquals(
              model.merge(key, value, (old, given) -> changed(old, given)),
              tree.merge(key, value, (old, given) -> changed(old, given)));
      default ->
          assertEquals(
              model.merge(key, value, Long::sum), Long.valueOf(tree.addAndGet(key, value)));
    }
  }

  /** Null now and then. */
  private static @Nullable Long changed(@Nullable Long old, long value) {
    return old == null ? Long.valueOf(value) : old == value ? null : Long.valueOf(old + value);
  }

  private static Map<String, Long> contents(ReadTree<String, Long> tree) {
    TreeMap<String, Long> contents = new TreeMap<>();
    tree.range(KeyRange.all()).forEach(each -> contents.put(each.getKey(), each.getValue()));
    return contents;
  }

  @Test
  void theKeyOfALockingReadIsOwnedEvenIfItIsAbsent() {
    WriteTx first = begin(Isolation.SERIALIZABLE);
    assertNull(first.tree(TREE).getForUpdate("new"));
    assertEquals(0L, first.tree(TREE).getForUpdate("x"));
    for (String key : new String[] {"new", "x"}) {
      WriteTx second = store.beginWrite();
      assertFalse(isFree(key), key);
      second.close();
    }
    first.close();
    assertTrue(isFree("new"));
  }

  private boolean isFree(String key) {
    Version head = store.parts().keys().chain(treeId(), Codecs.UTF_8.encode(key));
    return head == null || !head.writes.isActive();
  }

  private int treeId() {
    return Objects.requireNonNull(store.parts().catalog().open(TREE)).treeId();
  }

  /** Store rule 7: the snapshot comes after the ownership, so what is read is the newest. */
  @Test
  void lockingReadsThatComeFirstReadWhatTheLastOwnerCommitted() throws Exception {
    Thread[] threads = new Thread[4];
    for (int t = 0; t < threads.length; t++) {
      threads[t] =
          Thread.ofPlatform()
              .start(
                  () -> {
                    for (int i = 0; i < 50; i++) {
                      WriteTx tx = store.beginWrite(); // no retry: none may fail
                      Tree<String, Long> tree = tx.tree(TREE);
                      switch (i % 4) {
                        case 0 -> tree.addAndGet("x", 1);
                        case 1 -> tree.merge("x", 1L, Long::sum);
                        case 2 -> tree.compute("x", (k, old) -> Objects.requireNonNull(old) + 1);
                        default ->
                            tree.put("x", Objects.requireNonNull(tree.getForUpdate("x")) + 1);
                      }
                      tx.commit(Durability.ASYNC);
                    }
                  });
    }
    for (Thread each : threads) {
      each.join();
    }
    store.engine().log().forceAll();
    assertEquals(200, now("x"));
  }

  @Test
  void aLockingReadOfNewerDataMovesTheSnapshotOnIfWhatWasReadHolds() {
    WriteTx tx = begin(Isolation.SERIALIZABLE);
    assertEquals(0, get(tx, "y"));
    put("x", 5);
    assertEquals(6, tx.tree(TREE).addAndGet("x", 1));
    tx.commit();
    WriteTx late = begin(Isolation.SERIALIZABLE);
    assertEquals(0, get(late, "y"));
    put("y", 9);
    put("x", 7);
    assertThrows(ConflictException.class, () -> late.tree(TREE).replace("x", 8L));
    late.close();
    WriteTx weak = begin(Isolation.SNAPSHOT);
    assertEquals(9, get(weak, "y"));
    put("x", 8);
    assertThrows(ConflictException.class, () -> weak.tree(TREE).getForUpdate("x"));
    weak.close();
  }

  @Test
  void removeRangeRemovesWhatIsThereAndMeetsWhatOthersPutThere() {
    store.write(
        tx -> {
          for (int i = 0; i < 2000; i++) {
            tx.tree(TREE).put("r%04d".formatted(i), (long) i);
          }
        });
    store.write(
        tx -> {
          Savepoint before = tx.savepoint();
          assertEquals(2000, tx.tree(TREE).removeRange(KeyRange.startingWith("r")));
          assertEquals(2, tx.tree(TREE).count());
          tx.rollbackTo(before);
          assertEquals(2002, tx.tree(TREE).count());
          assertEquals(500, tx.tree(TREE).removeRange(KeyRange.between("r0500", "r1000")));
        });
    store.view(
        tx -> {
          assertEquals(1502, tx.tree(TREE).count());
          assertNull(tx.tree(TREE).get("r0500"));
          assertEquals(1000L, tx.tree(TREE).get("r1000"));
        });
    WriteTx all = begin(Isolation.SERIALIZABLE);
    ReadTx old = store.beginRead();
    all.tree(TREE).clear();
    assertEquals(0, all.tree(TREE).count());
    assertEquals(1502, old.tree(TREE).count());
    old.close();
    all.close();
    WriteTx tx = begin(Isolation.SERIALIZABLE);
    assertEquals(1500, tx.tree(TREE).removeRange(KeyRange.startingWith("r")));
    put("r0700", 1); // a phantom
    assertThrows(ConflictException.class, tx::commit);
    tx.close();
    assertEquals(1, now("r0700"));
  }

  @Test
  void onlyNumbersAreAddedTo() {
    TreeDef<String, String> texts = TreeDef.of("texts", Codecs.UTF_8, Codecs.UTF_8);
    store.write(
        tx -> {
          tx.tree(texts).put("a", "12345678");
          UnsupportedOperationException e =
              assertThrows(
                  UnsupportedOperationException.class, () -> tx.tree(texts).addAndGet("a", 1));
          assertTrue(String.valueOf(e.getMessage()).contains("'texts'"), e::toString);
          tx.tree(TREE).put("x", Long.MAX_VALUE);
          assertEquals(Long.MIN_VALUE, tx.tree(TREE).addAndGet("x", 1));
          assertEquals(3, tx.tree(TREE).addAndGet("new", 3));
        });
    assertEquals(Long.MIN_VALUE, now("x"));
  }

  @Test
  void aFunctionThatThrowsLeavesTheTransactionAlive() {
    store.write(
        tx -> {
          Tree<String, Long> tree = tx.tree(TREE);
          assertThrows(
              ArithmeticException.class,
              () ->
                  tree.compute(
                      "x",
                      (k, old) -> {
                        throw new ArithmeticException("no");
                      }));
          tree.put("x", 3L);
        });
    assertEquals(3, now("x"));
  }
}
