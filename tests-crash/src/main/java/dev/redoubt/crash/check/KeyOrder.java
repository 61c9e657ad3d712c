package dev.redoubt.crash.check;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The versions of one key in their order: version 0 is the absent key, version {@code i} was
 * written by {@code writers.get(i - 1)}.
 *
 * @param key its name
 * @param index its number in the graph
 * @param writers ids of transactions; {@link #NOBODY} where the writer is not a committed one
 * @param reads who read which version
 * @param unseen acknowledged writers whose version nobody saw: it is behind all that were seen
 */
record KeyOrder(
    String key, int index, List<Integer> writers, List<VersionRead> reads, List<Integer> unseen) {
  static final int NOBODY = -1;

  /** Pairs of readers of the last version and writers unseen that are drawn, for each key. */
  private static final int UNSEEN_EDGES = 4096;

  /**
   * A read.
   *
   * @param txn the reader
   * @param version what it read
   * @param missed whether a range read did not find the key
   */
  record VersionRead(int txn, int version, boolean missed) {}

  void addTo(DependencyGraph graph) {
    int before = NOBODY;
    for (int writer : writers) {
      if (writer != NOBODY) {
        if (before != NOBODY) {
          graph.add(before, writer, Dependency.WW, index);
        }
        before = writer;
      }
    }
    for (VersionRead read : reads) {
      int wrote = read.version() == 0 ? NOBODY : writers.get(read.version() - 1);
      if (wrote != NOBODY) {
        graph.add(wrote, read.txn(), Dependency.WR, index);
      }
      int next = read.version();
      while (next < writers.size() && writers.get(next) == NOBODY) {
        next++;
      }
      if (next < writers.size()) {
        graph.add(read.txn(), writers.get(next), anti(read), index);
      }
    }
    addUnseen(graph);
  }

  private void addUnseen(DependencyGraph graph) {
    int left = UNSEEN_EDGES;
    for (VersionRead read : reads) {
      if (read.version() == writers.size()) {
        for (int writer : unseen) {
          if (left-- <= 0) {
            return;
          }
          graph.add(read.txn(), writer, anti(read), index);
        }
      }
    }
  }

  private static Dependency anti(VersionRead read) {
    return read.missed() ? Dependency.RW_PREDICATE : Dependency.RW;
  }

  /** Transactions that read the same version and wrote the key, by version, where several did. */
  List<Set<Integer>> lostUpdates(Set<Integer> writersOfKey) {
    Map<Integer, Set<Integer>> byVersion = new HashMap<>();
    for (VersionRead read : reads) {
      if (writersOfKey.contains(read.txn())) {
        byVersion.computeIfAbsent(read.version(), _ -> new LinkedHashSet<>()).add(read.txn());
      }
    }
    return new ArrayList<>(byVersion.values().stream().filter(s -> s.size() > 1).toList());
  }
}
