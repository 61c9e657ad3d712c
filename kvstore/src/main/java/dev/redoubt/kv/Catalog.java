package dev.redoubt.kv;

import dev.redoubt.kv.btree.BTree;
import dev.redoubt.kv.btree.BTree.Before;
import dev.redoubt.kv.btree.Cell;
import dev.redoubt.kv.btree.TreePages;
import dev.redoubt.kv.btree.TreeWalk;
import dev.redoubt.recovery.Engine;
import dev.redoubt.recovery.Transaction;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiFunction;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
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
  private final DroppedTrees dropped = new DroppedTrees();
  private int nextId = FIRST_USER_TREE_ID;

  /**
   * Reads the catalog.
   *
   * @param ghostMayGo whether nobody needs the ghost of a key in the tree of that id
   * @param committed what was committed of a key, given its cell
   */
  Catalog(
      Engine engine,
      TreePages pages,
      BTree catalog,
      long pendingRoot,
      BiPredicate<Integer, byte[]> ghostMayGo,
      BiFunction<byte[], Cell, @Nullable Cell> committed) {
    this.engine = engine;
    this.pages = pages;
    this.ghostMayGo = ghostMayGo;
    this.catalog = catalog;
    this.pending = new BTree(engine, pages, PENDING_TREE_ID, pendingRoot);
    byId.put(CATALOG_TREE_ID, catalog);
    byId.put(PENDING_TREE_ID, pending);
    load(committed);
    loadDropped();
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
    return Stream.concat(entries.keySet().stream(), dropped.activeNames().stream())
        .distinct()
        .sorted()
        .toList();
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

  /** The same for messages. */
  String called(int treeId) {
    String name = nameOf(treeId);
    return entries.containsKey(name) ? "tree '" + name + "'" : calledUnread(treeId);
  }

  /** What messages call a tree while the catalog has not been read. */
  static String calledUnread(int treeId) {
    return switch (treeId) {
      case CATALOG_TREE_ID -> "the catalog of trees";
      case PENDING_TREE_ID -> "the list of pages to be freed";
      default -> "tree " + treeId;
    };
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

  /** Trees that have been dropped, for those who do not see that. */
  DroppedTrees dropped() {
    return dropped;
  }

  /** The tree that a snapshot sees under that name, or null. */
  @Nullable BTree open(TreeDef<?, ?> definition, long at) {
    Entry entry;
    Entry again = entries.get(definition.name());
    do {
      entry = again;
      // A tree that is being dropped is in the list before it goes, and back before it leaves the
      // list: whoever looks in this order meets it, or what has come back instead of another.
      DroppedTrees.Dropped unseen = dropped.unseen(definition.name(), at);
      if (unseen != null) {
        return checked(unseen.entry(), definition);
      }
      again = entries.get(definition.name());
    } while (!isSame(entry, again));
    return entry == null ? null : checked(entry, definition);
  }

  @SuppressWarnings("ReferenceEquality") // this one, not one like it
  private static boolean isSame(@Nullable Entry entry, @Nullable Entry other) {
    return entry == other;
  }

  /** What there is under that name, or null. */
  @Nullable Entry entry(String name) {
    return entries.get(name);
  }

  /** Whether that is the tree of that name, and nobody is dropping it. */
  boolean isCurrent(String name, BTree tree) {
    return names(name, tree) && dropped.active(name) == null;
  }

  /** Whether that is the tree of that name: one that a transaction drops is not, nor after it. */
  boolean names(String name, BTree tree) {
    Entry entry = entries.get(name);
    return entry != null && entry.tree() == tree;
  }

  /** A transaction is about to drop the tree; null if it is not there any more. */
  @SuppressWarnings("ReferenceEquality") // this entry, not one like it
  DroppedTrees.@Nullable Dropped beginDrop(Entry entry, WriteSet writes) {
    creation.lock();
    try {
      if (entries.get(entry.name()) != entry) {
        return null;
      }
      DroppedTrees.Dropped drop = new DroppedTrees.Dropped(entry, writes);
      dropped.add(drop);
      entries.remove(entry.name());
      return drop;
    } finally {
      creation.unlock();
    }
  }

  /** The drop has been undone. */
  void endDrop(DroppedTrees.Dropped drop) {
    creation.lock();
    try {
      entries.put(drop.name(), drop.entry());
      dropped.remove(drop);
    } finally {
      creation.unlock();
    }
  }

  /** Takes the tree out of the catalog as an update of {@code transaction}; it is there. */
  void delete(Transaction transaction, String name) {
    byte[] key = name.getBytes(StandardCharsets.UTF_8);
    if (!catalog.delete(transaction, key, cell -> Before.AS_IT_IS)) {
      throw new IllegalStateException("the catalog has no tree '" + name + "'");
    }
  }

  /**
   * Makes an empty tree to take the place of one: durably with any later commit, and on the list of
   * those to be freed until it is claimed. Nobody finds it by its name before {@link #replace}.
   */
  Entry makeInstead(Entry of, PendingFree free) {
    creation.lock();
    try {
      return inSystemTransaction(
          system -> {
            Entry made = make(system, of.name(), of.keyCodec(), of.valueCodec());
            free.addTree(system, made.tree());
            return made;
          },
          made -> {});
    } finally {
      creation.unlock();
    }
  }

  /** Puts a tree in the place of the one that is being dropped, as part of {@code transaction}. */
  void replace(Transaction transaction, Entry by) {
    byte[] key = by.name().getBytes(StandardCharsets.UTF_8);
    catalog.put(transaction, key, CatalogRow.encode(by), false, cell -> Before.AS_IT_IS);
  }

  /** From now on the transaction that is dropping the tree of that name uses this one instead. */
  void show(Entry instead) {
    creation.lock();
    try {
      entries.put(instead.name(), instead);
    } finally {
      creation.unlock();
    }
  }

  /** The pages of a dropped tree are freed. */
  void forget(int treeId) {
    creation.lock();
    try {
      dropped.forget(treeId);
      byId.remove(treeId);
    } finally {
      creation.unlock();
    }
  }

  /** Those whose pages were not freed before the store was closed; a loser's are known already. */
  private void loadDropped() {
    for (Map.Entry<byte[], byte[]> each : PendingFree.entries(pending)) {
      if (PendingFree.isTree(each.getValue())) {
        int id = PendingFree.treeId(each.getValue());
        byId.putIfAbsent(id, userTree(id, PendingFree.rootPageId(each.getKey())));
      }
    }
  }

  /** The tree of that name, made if there is none; null if it is being dropped. */
  @Nullable BTree openOrCreate(TreeDef<?, ?> definition) {
    @Nullable BTree existing = open(definition);
    if (existing != null) {
      return existing;
    }
    creation.lock();
    try {
      existing = open(definition);
      if (existing != null) {
        return existing;
      }
      return dropped.active(definition.name()) == null ? create(definition) : null;
    } finally {
      creation.unlock();
    }
  }

  private BTree create(TreeDef<?, ?> definition) {
    Entry made =
        inSystemTransaction(
            system -> {
              Entry entry =
                  make(
                      system,
                      definition.name(),
                      definition.keys().name(),
                      definition.values().name());
              put(
                  system,
                  definition.name().getBytes(StandardCharsets.UTF_8),
                  CatalogRow.encode(entry));
              return entry;
            },
            entry -> entries.put(entry.name(), entry));
    return made.tree();
  }

  /** Makes an empty tree with the next id. */
  private Entry make(Transaction system, String name, String keyCodec, String valueCodec) {
    int id = nextId;
    long root = BTree.create(engine, pages, system, id);
    put(system, NEXT_ID_KEY, ByteBuffer.allocate(4).putInt(id + 1).array());
    return new Entry(name, userTree(id, root), keyCodec, valueCodec);
  }

  /** Makes a tree in a transaction of its own; {@code shown} runs when that has committed. */
  private Entry inSystemTransaction(Function<Transaction, Entry> work, Consumer<Entry> shown) {
    Transaction system = engine.begin();
    boolean done = false;
    try {
      Entry made = work.apply(system);
      system.commit();
      done = true;
      nextId = made.tree().treeId() + 1;
      byId.put(made.tree().treeId(), made.tree());
      shown.accept(made);
      system.end(); // which may fail: the disk is full, say
      return made;
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

  private void load(BiFunction<byte[], Cell, @Nullable Cell> committed) {
    TreeWalk.visit(
        catalog,
        (key, cell) -> {
          Cell seen = committed.apply(key, cell);
          if (seen != null && !seen.ghost()) {
            add(key, ByteBuffer.wrap(seen.value()));
          }
          return true;
        });
  }

  private void add(byte[] key, ByteBuffer value) {
    if (key.length == 0) {
      nextId = value.getInt();
      return;
    }
    String name = new String(key, StandardCharsets.UTF_8);
    int id = value.getInt();
    long root = value.getLong();
    Entry entry =
        new Entry(name, userTree(id, root), CatalogRow.getText(value), CatalogRow.getText(value));
    entries.put(name, entry);
    byId.put(id, entry.tree());
  }

  private BTree userTree(int id, long root) {
    return new BTree(engine, pages, id, root, key -> ghostMayGo.test(id, key));
  }

  /** The tree, if its codecs are those of the definition. */
  static BTree checked(Entry entry, TreeDef<?, ?> definition) {
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
