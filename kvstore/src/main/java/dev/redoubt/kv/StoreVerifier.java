package dev.redoubt.kv;

import dev.redoubt.io.StorageException;
import dev.redoubt.kv.btree.BTree;
import dev.redoubt.kv.btree.Overflow;
import dev.redoubt.kv.btree.VerifySink;
import dev.redoubt.recovery.Engine;
import dev.redoubt.recovery.LogRecordCodec;
import dev.redoubt.wal.LogCursor;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongConsumer;

/**
 * Reads everything: each tree with its overflow chains, the chains that await freeing, the space
 * map against what was reached, and the log. One use; confined to one thread.
 */
final class StoreVerifier {
  private final Engine engine;
  private final Catalog catalog;
  private final Overflow overflow;
  private final PendingFree pendingFree;
  private final LongConsumer progress;

  private final List<String> problems = new ArrayList<>();
  private final Set<Long> reached = new HashSet<>();
  private long entries;
  private long logRecords;

  StoreVerifier(
      Engine engine,
      Catalog catalog,
      Overflow overflow,
      PendingFree pendingFree,
      LongConsumer progress) {
    this.engine = engine;
    this.catalog = catalog;
    this.overflow = overflow;
    this.pendingFree = pendingFree;
    this.progress = progress;
  }

  VerifyReport run() {
    List<BTree> trees = catalog.allTrees();
    for (BTree tree : trees) {
      Sink sink = new Sink("tree '" + catalog.nameOf(tree.treeId()) + "'");
      noting(sink.place, () -> tree.verify(sink));
    }
    Sink pending = new Sink("chain awaiting freeing");
    noting(
        pending.place,
        () -> {
          for (Map.Entry<byte[], byte[]> each : pendingFree.entries()) {
            if (!PendingFree.isTree(each.getValue())) { // those are among the trees
              overflow.verifyPending(each.getKey(), each.getValue(), pending);
            }
          }
        });
    noting("space map", this::findLostPages);
    noting("log", this::readLog);
    return new VerifyReport(reached.size(), trees.size(), entries, logRecords, problems);
  }

  /** Runs one part; what it throws is a problem of that part, and the others are still checked. */
  private void noting(String place, Runnable part) {
    try {
      part.run();
    } catch (StorageException e) {
      problems.add(place + ": " + e.getMessage());
    }
  }

  private void findLostPages() {
    boolean complete = problems.isEmpty();
    long capacity = engine.pool().store().capacityPages();
    for (long page = 1; page <= capacity; page++) {
      boolean allocated = engine.space().isAllocated(page);
      if (complete && allocated && !reached.contains(page) && !engine.space().isEnginePage(page)) {
        problems.add("page " + page + " is allocated and belongs to nothing");
      }
    }
  }

  private void readLog() {
    logRecords = readLog(engine);
  }

  private static long readLog(Engine engine) {
    long records = 0;
    try (LogCursor cursor = engine.log().cursor(0)) {
      while (cursor.next()) {
        LogRecordCodec.decode(cursor.payload(), cursor.lsn());
        records++;
      }
    }
    return records;
  }

  /** Without trees: each page in use by itself, and the log. */
  static VerifyReport belowTrees(Engine engine) {
    Set<String> problems = new LinkedHashSet<>(); // a bitmap page has the same for all it covers
    long pages = 0;
    long capacity = engine.pool().store().capacityPages();
    for (long page = 1; page <= capacity; page++) {
      try {
        if (engine.space().isAllocated(page)) {
          engine.pool().shared(page).close();
          pages++;
        }
      } catch (StorageException e) {
        problems.add(e.getMessage());
      }
    }
    long records = 0;
    try {
      records = readLog(engine);
    } catch (StorageException e) {
      problems.add("log: " + e.getMessage());
    }
    return new VerifyReport(pages, 0, 0, records, List.copyOf(problems));
  }

  /** Takes what the verification of one tree finds. */
  private final class Sink implements VerifySink {
    private final String place;

    Sink(String place) {
      this.place = place;
    }

    @Override
    public void problem(String line) {
      problems.add(place + ": " + line);
    }

    @Override
    public void page(long id) {
      if (!reached.add(id)) {
        problem("page " + id + " is reached a second time");
      } else if (!engine.space().isAllocated(id)) {
        problem("page " + id + " is in use and not allocated");
      }
      progress.accept(reached.size());
    }

    @Override
    public void entry() {
      entries++;
    }
  }
}
