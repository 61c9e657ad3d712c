package dev.redoubt.kv;

import dev.redoubt.kv.btree.BTree;
import dev.redoubt.kv.btree.BTree.Before;
import dev.redoubt.kv.btree.TreePages;
import dev.redoubt.recovery.Engine;
import dev.redoubt.recovery.Transaction;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Which trees there are: a tree of its own, from name to id, root page and codecs (store rule 14).
 * Ids are never used again. Creating a tree is a system transaction of its own: it is committed
 * before the transaction that asked for it logs anything in the tree. Thread-safe.
 */
final class Catalog {
  static final int CATALOG_TREE_ID = 1;
  static final int PENDING_TREE_ID = 2;
  static final int FIRST_USER_TREE_ID = 16;

  /** The entry under the empty name holds the next id. */
  private static final byte[] NEXT_ID_KEY = new byte[0];

  /** A tree that exists. */
  record Entry(String name, BTree tree, String keyCodec, String valueCodec) {}

  private final Engine engine;
  private final TreePages pages;
  private final BiPredicate<Integer, byte[]> ghostMayGo;
  private final BTree catalog;
  private final BTree pending;
  private final ConcurrentHashMap<String, Entry> entries = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<Integer, BTree> byId = new ConcurrentHashMap<>();
  private final ReentrantLock creation = new ReentrantLock();
  private int nextId = FIRST_USER_TREE_ID;

  /** {@code ghostMayGo}: whether nobody needs the ghost of a key in the tree of that id. */
  Catalog(
      Engine engine, TreePages pages, SystemTrees roots, BiPredicate<Integer, byte[]> ghostMayGo) {
    this.engine = engine;
    this.pages = pages;
    this.ghostMayGo = ghostMayGo;
    this.catalog = new BTree(engine, pages, CATALOG_TREE_ID, roots.catalogRoot());
    this.pending = new BTree(engine, pages, PENDING_TREE_ID, roots.pendingRoot());
    byId.put(CATALOG_TREE_ID, catalog);
    byId.put(PENDING_TREE_ID, pending);
    load();
  }

  /** The tree of chains that await freeing. */
  BTree pending() {
    return pending;
  }

  /** System trees and user trees, for verification. */
  List<BTree> allTrees() {
    return byId.values().stream()
        .sorted((a, b) -> Integer.compare(a.treeId(), b.treeId()))
        .toList();
  }

  @Nullable BTree byId(int treeId) {
    return byId.get(treeId);
  }

  /** Root page of a tree; 0 if there is none. */
  long rootOf(int treeId) {
    BTree tree = byId.get(treeId);
    return tree == null ? 0 : tree.rootPageId();
  }

  /** The tree with that root page, if there is one. */
  @Nullable BTree byRoot(long rootPageId) {
    for (BTree each : byId.values()) {
      if (each.rootPageId() == rootPageId) {
        return each;
      }
    }
    return null;
  }

  List<String> names() {
    return entries.keySet().stream().sorted().toList();
  }

  /** The name of a user tree, or a description of a system tree. */
  String nameOf(int treeId) {
    for (Entry each : entries.values()) {
      if (each.tree().treeId() == treeId) {
        return each.name();
      }
    }
    return "system tree " + treeId;
  }

  /**
   * The tree of that name, or null.
   *
   * @throws TreeMismatchException if it was made with other codecs
   */
  @Nullable BTree open(TreeDef<?, ?> definition) {
    Entry entry = entries.get(definition.name());
    return entry == null ? null : checked(entry, definition);
  }

  /** The tree of that name, made if there is none. */
  BTree openOrCreate(TreeDef<?, ?> definition) {
    @Nullable BTree existing = open(definition);
    if (existing != null) {
      return existing;
    }
    creation.lock();
    try {
      existing = open(definition);
      return existing != null ? existing : create(definition);
    } finally {
      creation.unlock();
    }
  }

  private BTree create(TreeDef<?, ?> definition) {
    Transaction system = engine.begin();
    boolean done = false;
    try {
      int id = nextId;
      long root = BTree.create(engine, pages, system, id);
      Entry entry =
          new Entry(
              definition.name(),
              userTree(id, root),
              definition.keys().name(),
              definition.values().name());
      put(system, NEXT_ID_KEY, ByteBuffer.allocate(4).putInt(id + 1).array());
      put(system, definition.name().getBytes(StandardCharsets.UTF_8), encode(entry));
      system.commit();
      done = true;
      system.end();
      nextId = id + 1;
      byId.put(id, entry.tree());
      entries.put(entry.name(), entry);
      return entry.tree();
    } finally {
      if (!done && !engine.log().gate().isHalted()) {
        system.rollback();
      }
    }
  }

  private void put(Transaction system, byte[] key, byte[] value) {
    catalog.put(
        system,
        key,
        value,
        false,
        cell -> cell != null && cell.ghost() ? Before.ABSENT : Before.AS_IT_IS);
  }

  private void load() {
    byte[] from = new byte[0];
    while (from != null) {
      from =
          catalog.visitLeaf(
              from,
              true,
              true,
              (key, cell) -> {
                if (!cell.ghost()) {
                  add(key, ByteBuffer.wrap(cell.value()));
                }
                return true;
              });
    }
  }

  private void add(byte[] key, ByteBuffer value) {
    if (key.length == 0) {
      nextId = value.getInt();
      return;
    }
    String name = new String(key, StandardCharsets.UTF_8);
    int id = value.getInt();
    long root = value.getLong();
    Entry entry = new Entry(name, userTree(id, root), getText(value), getText(value));
    entries.put(name, entry);
    byId.put(id, entry.tree());
  }

  private BTree userTree(int id, long root) {
    return new BTree(engine, pages, id, root, key -> ghostMayGo.test(id, key));
  }

  private static byte[] encode(Entry entry) {
    byte[] keyCodec = entry.keyCodec().getBytes(StandardCharsets.UTF_8);
    byte[] valueCodec = entry.valueCodec().getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(4 + 8 + 2 + keyCodec.length + 2 + valueCodec.length)
        .putInt(entry.tree().treeId())
        .putLong(entry.tree().rootPageId())
        .putShort((short) keyCodec.length)
        .put(keyCodec)
        .putShort((short) valueCodec.length)
        .put(valueCodec)
        .array();
  }

  static String getText(ByteBuffer value) {
    byte[] text = new byte[value.getShort() & 0xffff];
    value.get(text);
    return new String(text, StandardCharsets.UTF_8);
  }

  private static BTree checked(Entry entry, TreeDef<?, ?> definition) {
    if (!entry.keyCodec().equals(definition.keys().name())
        || !entry.valueCodec().equals(definition.values().name())) {
      throw new TreeMismatchException(
          "tree '%s' was made with codecs %s and %s, and is asked for with %s and %s"
              .formatted(
                  entry.name(),
                  entry.keyCodec(),
                  entry.valueCodec(),
                  definition.keys().name(),
                  definition.values().name()));
    }
    return entry.tree();
  }
}
