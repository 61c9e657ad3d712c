package dev.redoubt.recovery;

import dev.redoubt.buffer.BufferPool;
import dev.redoubt.buffer.DirtyPage;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What checkpoints of a running engine copy. */
record LiveTables(
    TransactionTable table,
    BufferPool pool,
    Quarantine quarantine,
    @Nullable OwedPages owed,
    Pacing pacing)
    implements Checkpointer.Tables {
  @Override
  public List<TransactionEntry> transactions() {
    return table.copy();
  }

  @Override
  public List<DirtyPage> dirtyPages() {
    // In this order: a page that is owed redo is dirty, or in quarantine, before it is owed no more
    // (rule 16).
    List<DirtyPage> left = owed == null ? List.of() : owed.entries();
    List<DirtyPage> entries = new ArrayList<>(pool.dirtyPages());
    entries.addAll(quarantine.entries());
    return left.isEmpty() ? entries : smallest(left, entries);
  }

  /** One entry for each page, with the smallest of its recLSNs and the last of its heads. */
  private static List<DirtyPage> smallest(List<DirtyPage> some, List<DirtyPage> others) {
    Map<Long, DirtyPage> all = new HashMap<>();
    some.forEach(page -> all.put(page.pageId(), page));
    others.forEach(page -> all.merge(page.pageId(), page, DirtyPage::and));
    List<DirtyPage> pages = new ArrayList<>(all.values());
    pages.sort(Comparator.comparingLong(DirtyPage::pageId));
    return pages;
  }

  @Override
  public long nextTransactionId() {
    return table.nextId();
  }

  @Override
  public RestartRates rates() {
    return pacing.rates();
  }
}
