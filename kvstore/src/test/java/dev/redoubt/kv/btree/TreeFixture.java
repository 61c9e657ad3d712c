package dev.redoubt.kv.btree;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.io.Environment;
import dev.redoubt.kv.TestPages;
import dev.redoubt.kv.btree.BTree.Before;
import dev.redoubt.kv.btree.BTree.BeforeImage;
import dev.redoubt.recovery.Engine;
import dev.redoubt.recovery.EngineOptions;
import dev.redoubt.recovery.RecoveryListener;
import dev.redoubt.recovery.Transaction;
import dev.redoubt.wal.LogOptions;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** An engine with one tree on a disk that forgets. Single-threaded unless said otherwise. */
final class TreeFixture implements AutoCloseable {
  static final int TREE_ID = 16;

  /** For trees without isolation: a ghost of another, ended transaction counts as absent. */
  static final BeforeImage PLAIN =
      cell -> cell != null && cell.ghost() ? Before.ABSENT : Before.AS_IT_IS;

  final EngineOptions options;
  ForgetfulDisk disk = new ForgetfulDisk();
  TreePages pages = new TreePages();
  Engine engine;
  BTree tree;
  Overflow overflow;

  TreeFixture(int pageSize, int frames) {
    this(pageSize, frames, false);
  }

  TreeFixture(int pageSize, int frames, boolean background) {
    this(
        EngineOptions.defaults()
            .withPageSize(pageSize)
            .withFrames(frames)
            .withPages(TestPages.KIND)
            .withBackground(background)
            .withCheckpoints(4 << 20, java.time.Duration.ofHours(1))
            .withLog(
                LogOptions.defaults()
                    .withSegmentBytes(2 << 20)
                    .withBuffers(4, 160 << 10)
                    .withBackground(background)));
  }

  TreeFixture(EngineOptions options) {
    this.options = options;
    engine = open();
    Transaction tx = engine.begin();
    long root = BTree.create(engine, pages, tx, TREE_ID);
    commit(tx);
    tree = new BTree(engine, pages, TREE_ID, root);
    overflow = new Overflow(engine, pages);
  }

  private Engine open() {
    return Engine.open(disk, Environment.system(), options, List.of(pages), RecoveryListener.NONE);
  }

  void commit(Transaction tx) {
    long lsn = tx.commit();
    if (lsn > 0) {
      engine.log().force(lsn);
    }
    tx.end();
  }

  /** Loses what was not forced, and recovers. */
  void crash() {
    long root = tree.rootPageId();
    ForgetfulDisk left = disk.crash();
    engine.abandon();
    disk = left;
    reopen(root);
  }

  void closeAndReopen() {
    long root = tree.rootPageId();
    engine.close();
    reopen(root);
  }

  private void reopen(long root) {
    pages = new TreePages();
    engine = open();
    tree = new BTree(engine, pages, TREE_ID, root);
    overflow = new Overflow(engine, pages);
  }

  void put(Transaction tx, byte[] key, byte[] value) {
    assertTrue(tree.put(tx, key, value, false, PLAIN));
  }

  byte @Nullable [] get(byte[] key) {
    return tree.<byte @Nullable []>read(
        key, cell -> cell == null || cell.ghost() ? null : cell.value());
  }

  static NavigableMap<byte[], byte[]> newModel() {
    return new TreeMap<>(Arrays::compareUnsigned);
  }

  /** Compares both scans with the model and verifies every invariant and the space map. */
  PageUse check(Map<byte[], byte[]> model, String what) {
    Iterator<Map.Entry<byte[], byte[]>> expected = model.entrySet().iterator();
    byte[] from = null;
    do {
      from = tree.visitLeaf(from, true, true, (key, cell) -> compare(expected, key, cell, what));
    } while (from != null);
    assertTrue(!expected.hasNext(), () -> what + ": entries are missing");
    NavigableMap<byte[], byte[]> sorted = newModel();
    sorted.putAll(model);
    Iterator<Map.Entry<byte[], byte[]>> backward = sorted.descendingMap().entrySet().iterator();
    do {
      from = tree.visitLeaf(from, false, false, (key, cell) -> compare(backward, key, cell, what));
    } while (from != null);
    assertTrue(!backward.hasNext(), () -> what + ": entries are missing backward");
    PageUse use = new PageUse(engine.space());
    tree.verify(use);
    assertEquals(List.of(), use.problems(), what);
    assertEquals(model.size(), use.entries(), what);
    return use;
  }

  private static boolean compare(
      Iterator<Map.Entry<byte[], byte[]>> expected, byte[] key, Cell cell, String what) {
    if (cell.ghost()) {
      return true;
    }
    assertTrue(expected.hasNext(), () -> what + ": not in the model: " + Keys.text(key));
    Map.Entry<byte[], byte[]> next = expected.next();
    assertArrayEquals(next.getKey(), key, what);
    assertArrayEquals(next.getValue(), cell.value(), what);
    return true;
  }

  @Override
  public void close() {
    engine.close();
  }
}
