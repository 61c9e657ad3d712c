package dev.redoubt.kv.btree;

import dev.redoubt.recovery.SpaceMap;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * Collects what verification finds over all trees of a store: problems, entries, and which pages
 * are in use, each by one owner and known to the space map. Confined to one thread.
 */
public final class PageUse implements VerifySink {
  private final SpaceMap space;
  private final BitSet used = new BitSet();
  private final List<String> problems = new ArrayList<>();
  private long entries;

  /** Nothing found yet. */
  public PageUse(SpaceMap space) {
    this.space = space;
  }

  @Override
  public void problem(String line) {
    problems.add(line);
  }

  @Override
  public void page(long pageId) {
    if (pageId < 1 || pageId > Integer.MAX_VALUE) {
      problem("page " + pageId + " is referred to and cannot exist");
      return;
    }
    if (used.get((int) pageId)) {
      problem("page " + pageId + " is in use twice");
    }
    used.set((int) pageId);
    if (!space.isAllocated(pageId)) {
      problem("page " + pageId + " is in use and free in the space map");
    }
  }

  @Override
  public void entry() {
    entries++;
  }

  /** What is wrong, in the order of finding. */
  public List<String> problems() {
    return List.copyOf(problems);
  }

  /** Live entries seen. */
  public long entries() {
    return entries;
  }

  /** Different pages seen. */
  public long pages() {
    return used.cardinality();
  }

  /** Whether the page was seen. */
  public boolean isUsed(long pageId) {
    return pageId <= Integer.MAX_VALUE && used.get((int) pageId);
  }
}
