package dev.redoubt.crash.disk;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Names of the files: as they are seen, as they are durable, and the changes between. Guarded by
 * the disk that owns it.
 */
final class Directory {
  private final TreeMap<String, Long> seen = new TreeMap<>();
  private final TreeMap<String, Long> durable = new TreeMap<>();
  private final List<PendingOp.Entry> pending = new ArrayList<>();

  SortedMap<String, Long> seen() {
    return seen;
  }

  SortedMap<String, Long> durable() {
    return durable;
  }

  List<PendingOp.Entry> pending() {
    return pending;
  }

  void change(PendingOp.Entry entry) {
    apply(seen, entry);
    pending.add(entry);
  }

  void force() {
    durable.clear();
    durable.putAll(seen);
    pending.clear();
  }

  /** Inodes that some crash could still give a name. */
  SortedSet<Long> reachable() {
    TreeSet<Long> inodes = new TreeSet<>(durable.values());
    inodes.addAll(seen.values());
    pending.forEach(entry -> inodes.add(entry.inode()));
    return inodes;
  }

  Directory afterDeath() {
    Directory copy = new Directory();
    copy.seen.putAll(seen);
    copy.durable.putAll(durable);
    copy.pending.addAll(pending);
    return copy;
  }

  Directory afterPowerLoss(List<Fate> fates) {
    Directory copy = new Directory();
    copy.seen.putAll(durable);
    for (int i = 0; i < pending.size(); i++) {
      if (!(fates.get(i) instanceof Fate.Lost)) {
        apply(copy.seen, pending.get(i));
      }
    }
    copy.durable.putAll(copy.seen);
    return copy;
  }

  private static void apply(Map<String, Long> names, PendingOp.Entry entry) {
    if (entry.kind() == IoKind.CREATE) {
      names.put(entry.to(), entry.inode());
      return;
    }
    // A rename or deletion whose creation was lost, or which meets another file of that name, takes
    // away nothing but its own file.
    names.remove(entry.from(), entry.inode());
    if (entry.kind() == IoKind.RENAME) {
      names.put(entry.to(), entry.inode());
    }
  }

  long fingerprint(Map<Long, Inode> inodes) {
    long sum = 1;
    for (Map.Entry<String, Long> name : durable.entrySet()) {
      sum += Blocks.mix(name.getKey().hashCode() + 31 * print(inodes, name.getValue()));
    }
    if (!pending.isEmpty()) {
      for (Map.Entry<String, Long> name : seen.entrySet()) {
        sum += 7 * Blocks.mix(name.getKey().hashCode() + 37 * print(inodes, name.getValue()));
      }
      for (PendingOp.Entry entry : pending) {
        sum = Blocks.mix(sum * 31 + entry.file().hashCode() + entry.kind().name().hashCode());
      }
    }
    return Blocks.mix(sum);
  }

  private static long print(Map<Long, Inode> inodes, long inode) {
    Inode file = inodes.get(inode);
    return file == null ? 0 : file.fingerprint();
  }
}
