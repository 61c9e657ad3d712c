package dev.redoubt.recovery;

import dev.redoubt.buffer.BufferPool;
import dev.redoubt.buffer.DirtyPage;
import java.util.ArrayList;
import java.util.List;

/** What checkpoints of a running engine copy. */
record LiveTables(TransactionTable table, BufferPool pool, Quarantine quarantine, Pacing pacing)
    implements Checkpointer.Tables {
  @Override
  public List<TransactionEntry> transactions() {
    return table.copy();
  }

  @Override
  public List<DirtyPage> dirtyPages() {
    List<DirtyPage> entries = new ArrayList<>(pool.dirtyPages());
    entries.addAll(quarantine.entries());
    return entries;
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
