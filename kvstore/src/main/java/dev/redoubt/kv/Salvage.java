package dev.redoubt.kv;

import dev.redoubt.io.Disk;
import dev.redoubt.io.Environment;
import dev.redoubt.kv.btree.SalvagedChanges;
import dev.redoubt.kv.btree.TreePages;
import dev.redoubt.kv.btree.TreeSalvage;
import dev.redoubt.recovery.SalvageSource;
import java.lang.foreign.MemorySegment;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Saves every readable entry of a store, however damaged: pages, root directory, catalog, space
 * map, master file, log. Never writes to it. One use, by one thread.
 *
 * <p>Committed state goes out wherever restart can be had, or made up for, in memory ({@link
 * SalvageSource}); otherwise what the pages and the readable log have, and the report says so.
 * Changes of transactions known not to have committed are left out, as are those in doubt.
 */
public final class Salvage {
  /** Takes what is saved. */
  @FunctionalInterface
  public interface Sink {
    /** An entry; each key of a tree comes once, not in the order of keys. */
    void entry(SalvagedTree tree, byte[] key, byte[] value);
  }

  private final SalvageSource source;
  private final Sink sink;
  private final SalvagedChanges changes;
  private final BitSet visited = new BitSet();
  private final TreeMap<Integer, Part> parts = new TreeMap<>();
  private final List<String> notes = new ArrayList<>();

  private Salvage(SalvageSource source, Sink sink) {
    this.source = source;
    this.sink = sink;
    this.changes = new SalvagedChanges(source);
  }

  /**
   * Saves what can be saved of the store on {@code disk}.
   *
   * @param disk never written; closed at return
   * @param memoryBytes memory that recovery may take for what it would write
   * @return what was lost, by tree and range of keys, and what is uncertain
   * @throws dev.redoubt.io.NotAStoreException if nothing tells which store it is
   * @throws dev.redoubt.io.StoreLockedException if somebody has it open for writing
   */
  public static SalvageReport run(Disk disk, Environment environment, long memoryBytes, Sink sink) {
    try (SalvageSource source =
        SalvageSource.open(disk, environment, List.of(new TreePages()), memoryBytes)) {
      return new Salvage(source, sink).run();
    }
  }

  /** One tree, and what was found of it. */
  private final class Part implements TreeSalvage.Sink {
    final SalvagedTree tree;
    final List<SalvageReport.Range> lost = new ArrayList<>();
    final List<SalvageReport.Range> uncertain = new ArrayList<>();
    final TreeSalvage salvage;
    long entries;

    Part(SalvagedTree tree, long root) {
      this.tree = tree;
      this.salvage = new TreeSalvage(source, tree.id(), root, changes, visited, this);
    }

    @Override
    public void entry(byte[] key, byte[] value) {
      if (tree.id() == Catalog.CATALOG_TREE_ID) {
        named(key, value);
      } else {
        entries++;
        sink.entry(tree, key, value);
      }
    }

    @Override
    public void lost(byte[] lower, byte @Nullable [] upper, String why) {
      lost.add(new SalvageReport.Range(lower, upper, false, why));
    }

    @Override
    public void lost(byte[] key, String why) {
      lost.add(new SalvageReport.Range(key, null, true, why));
    }

    @Override
    public void uncertain(byte[] lower, byte @Nullable [] upper, String why) {
      uncertain.add(new SalvageReport.Range(lower, upper, false, why));
    }

    @Override
    public void uncertain(byte[] key, String why) {
      uncertain.add(new SalvageReport.Range(key, null, true, why));
    }

    SalvageReport.TreeResult result() {
      return new SalvageReport.TreeResult(tree, entries, lost, uncertain);
    }
  }

  /** Trees that the catalog names, with their roots. */
  private final TreeMap<Integer, Long> roots = new TreeMap<>();

  private final TreeMap<Integer, SalvagedTree> named = new TreeMap<>();

  private SalvageReport run() {
    for (SalvageSource.Unfinished each : source.unfinished()) {
      notes.add(unfinished(each));
    }
    Part catalog = catalog();
    boolean catalogWhole = catalog.lost.isEmpty();
    named.forEach((id, tree) -> parts.put(id, new Part(tree, roots.getOrDefault(id, 0L))));
    if (!catalogWhole) {
      notes.add("the catalog is damaged: trees that it does not name any more go by their ids");
      findUnnamedTrees();
    }
    if (parts.values().stream().anyMatch(part -> part.salvage.hasGaps())) {
      scan(parts);
    }
    parts.values().forEach(part -> part.salvage.finish());
    List<SalvageReport.TreeResult> results = new ArrayList<>();
    if (!catalogWhole || !catalog.uncertain.isEmpty()) {
      results.add(catalog.result());
    }
    parts.values().forEach(part -> results.add(part.result()));
    List<String> all = new ArrayList<>(source.notes());
    all.addAll(notes);
    return new SalvageReport(source.isRecovered(), results, all);
  }

  private Part catalog() {
    byte[] entry = source.root(SystemTrees.ROOT_NAME);
    long root = entry == null || entry.length < Long.BYTES ? 0 : ByteBuffer.wrap(entry).getLong();
    Part catalog =
        new Part(new SalvagedTree(Catalog.CATALOG_TREE_ID, "(catalog)", null, null), root);
    if (catalog.salvage.hasGaps()) {
      TreeMap<Integer, Part> only = new TreeMap<>();
      only.put(Catalog.CATALOG_TREE_ID, catalog);
      scan(only);
    }
    catalog.salvage.finish();
    return catalog;
  }

  /** An entry of the catalog; the one under the empty name is none of a tree. */
  private void named(byte[] key, byte[] value) {
    if (key.length > 0) {
      try {
        ByteBuffer in = ByteBuffer.wrap(value);
        int id = in.getInt();
        long root = in.getLong();
        String name = new String(key, StandardCharsets.UTF_8);
        named.put(id, new SalvagedTree(id, name, CatalogRow.getText(in), CatalogRow.getText(in)));
        roots.put(id, root);
      } catch (BufferUnderflowException e) {
        notes.add("an entry of the catalog makes no sense");
      }
    }
  }

  private void findUnnamedTrees() {
    forEachLeftPage(
        (pageId, page, inUse) -> {
          int owner = TreeSalvage.owner(page);
          if (owner >= Catalog.FIRST_USER_TREE_ID && !parts.containsKey(owner)) {
            parts.put(owner, new Part(new SalvagedTree(owner, null, null, null), 0));
          }
        });
  }

  private void scan(Map<Integer, Part> into) {
    forEachLeftPage(
        (pageId, page, inUse) -> {
          Part part = into.get(TreeSalvage.owner(page));
          if (part != null) {
            part.salvage.offer(pageId, page, inUse);
          }
        });
  }

  private interface LeftPage {
    void take(long pageId, MemorySegment page, boolean inUse);
  }

  /** Readable pages that no tree has led to and that are not known to be free. */
  private void forEachLeftPage(LeftPage consumer) {
    long last = Math.min(Integer.MAX_VALUE - 1, source.capacityPages());
    for (long pageId = 1; pageId <= last; pageId++) {
      if (!visited.get((int) pageId)) {
        SalvageSource.Allocation allocation = source.allocation(pageId);
        if (allocation != SalvageSource.Allocation.FREE) {
          MemorySegment page = source.page(pageId).bytes();
          if (page != null) {
            consumer.take(pageId, page, allocation == SalvageSource.Allocation.IN_USE);
          }
        }
      }
    }
  }

  private static String unfinished(SalvageSource.Unfinished each) {
    String what =
        switch (each.fate()) {
          case IN_DOUBT ->
              "is prepared and awaits its coordinator's word: its changes are left out";
          case LOSER -> "did not commit: its changes are left out";
          case UNDECIDED -> "may have committed or not: its changes are in, and are named";
        };
    String more = each.problem().isEmpty() ? "" : "; there may be more of them, " + each.problem();
    return "transaction "
        + each.transactionId()
        + " "
        + what
        + ", of "
        + each.updates().size()
        + " updates"
        + more;
  }
}
