package dev.redoubt.kv;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Trees that a transaction has dropped and whose pages have not been freed: who does not see the
 * drop goes on reading them (store rule 14). The list is short and copied when it changes.
 * Thread-safe; changed by {@link Catalog} alone.
 */
final class DroppedTrees {
  /** A tree and the writes of the transaction that dropped it. */
  record Dropped(Catalog.Entry entry, WriteSet writes) {
    String name() {
      return entry.name();
    }
  }

  /** Oldest drop first. */
  private volatile List<Dropped> all = List.of();

  void add(Dropped dropped) {
    List<Dropped> more = new ArrayList<>(all);
    more.add(dropped);
    all = List.copyOf(more);
  }

  @SuppressWarnings("ReferenceEquality") // this one, not one like it
  void remove(Dropped dropped) {
    all = all.stream().filter(each -> each != dropped).toList();
  }

  /** The pages of the tree are being freed. */
  void forget(int treeId) {
    all = all.stream().filter(each -> each.entry().tree().treeId() != treeId).toList();
  }

  /** The drop of that name whose transaction has not ended, or null. */
  @Nullable Dropped active(String name) {
    List<Dropped> list = all;
    for (int i = 0; i < list.size(); i++) { // as below
      Dropped each = list.get(i);
      if (each.name().equals(name) && each.writes().isActive()) {
        return each;
      }
    }
    return null;
  }

  /** The oldest drop of that name that a snapshot does not see, or null. */
  @Nullable Dropped unseen(String name, long at) {
    List<Dropped> list = all;
    for (int i = 0; i < list.size(); i++) { // with no iterator: every single get asks
      Dropped each = list.get(i);
      if (each.name().equals(name) && !each.writes().isVisibleAt(at)) {
        return each;
      }
    }
    return null;
  }

  /** Names of trees whose drop may still be undone. */
  List<String> activeNames() {
    return all.stream().filter(each -> each.writes().isActive()).map(Dropped::name).toList();
  }
}
