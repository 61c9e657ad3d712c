package dev.redoubt.crash.oracle;

import dev.redoubt.crash.oracle.RawRecord.Dirty;
import dev.redoubt.crash.oracle.RawRecord.Listed;
import dev.redoubt.crash.oracle.RawRecord.Tables;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * All records of a log since the oracle looks at it, truncated ones too, and what a checkpoint must
 * therefore say. Confined to one thread.
 */
final class LogHistory {
  private static final String PAGES = "pages";
  private static final int PAGE_TYPE = 4;
  private static final int PAGE_LSN = 16;
  private static final int PAGE_HEADER = 32;

  private final Bytes durable;
  private final TreeMap<Long, RawRecord> records = new TreeMap<>();
  private final List<Tables> tables = new ArrayList<>();
  private final Map<Long, TransactionTruth> transactions = new HashMap<>();
  private final Map<Long, TreeMap<Long, Boolean>> changesByPage = new HashMap<>();

  LogHistory(Bytes durable) {
    this.durable = durable;
  }

  void add(RawLog.Frame frame) {
    int type = RawRecord.typeOf(frame.payload());
    if (type == RawRecord.CHECKPOINT_TABLES) {
      tables.add(RawRecord.tables(frame.payload()));
      return;
    }
    RawRecord record = RawRecord.read(frame);
    records.put(record.lsn(), record);
    if (type != RawRecord.UNDO_COPY) {
      for (RawRecord.Part part : record.parts()) {
        changesByPage
            .computeIfAbsent(part.pageId(), _ -> new TreeMap<>())
            .put(record.lsn(), part.format());
      }
      process(transactions, record, true);
    }
  }

  /** What the tail of a transaction tells counts only if its beginning is known. */
  private static void process(
      Map<Long, TransactionTruth> table, RawRecord record, boolean onlyWhole) {
    if (record.transactionId() == 0 || record.type() == RawRecord.UNDO_COPY) {
      return;
    }
    TransactionTruth entry = table.get(record.transactionId());
    if (entry == null && onlyWhole && record.prevLsn() != 0) {
      return;
    }
    if (entry == null) {
      entry = new TransactionTruth(record.transactionId(), record.lsn());
      table.put(entry.id, entry);
    }
    entry.process(record);
    if (record.type() == RawRecord.END) {
      table.remove(entry.id);
    }
  }

  /**
   * Checks what the forced master record names.
   *
   * @throws AssertionError if restart could not work from there
   */
  void check(RawLog.Master master, int pageSize) {
    long beginLsn = master.checkpointLsn();
    if (beginLsn == 0 || !records.containsKey(beginLsn)) {
      return; // none yet, or it was there before the oracle
    }
    List<Listed> listed = new ArrayList<>();
    Map<Long, Dirty> dirty = new HashMap<>();
    for (Tables part : tables) {
      if (part.beginLsn() == beginLsn) {
        listed.addAll(part.transactions());
        part.pages().forEach((id, page) -> dirty.merge(id, page, Dirty::and));
      }
    }
    checkTransactions(master, listed);
    if (durable.read(PAGES, 0, 1).length != 0) { // else the pages are somewhere else
      changesByPage.forEach(
          (pageId, changes) ->
              checkPage(master, pageId, changes.higherKey(homeLsn(pageId, pageSize)), dirty));
    }
    dirty.forEach((pageId, page) -> checkHead(master, pageId, page));
    dirty.values().forEach(page -> checkBound(master, page.recLsn(), "a recLSN"));
    listed.forEach(each -> checkBound(master, each.firstLsn(), "the first LSN of " + each));
    checkBound(master, beginLsn, "its begin record");
  }

  private static void checkBound(RawLog.Master master, long lsn, String what) {
    if (lsn != 0 && master.boundLsn() > lsn) {
      throw new AssertionError(
          "truncation: the bound " + master.boundLsn() + " is above " + what + " at " + lsn);
    }
  }

  private void checkTransactions(RawLog.Master master, List<Listed> listed) {
    Map<Long, TransactionTruth> analysed = new HashMap<>();
    listed.forEach(each -> analysed.put(each.id(), new TransactionTruth(each)));
    for (RawRecord record : records.tailMap(master.checkpointLsn()).values()) {
      process(analysed, record, false);
    }
    for (TransactionTruth truth : transactions.values()) {
      TransactionTruth found = analysed.get(truth.id);
      if (found == null
          || found.fate() != truth.fate()
          || found.lastLsn != truth.lastLsn
          || nextUndone(found) != nextUndone(truth)) {
        throw new AssertionError(
            "analysis from the checkpoint at "
                + master.checkpointLsn()
                + " finds "
                + found
                + ", the log says "
                + truth);
      }
      checkBound(master, truth.firstLsn, "the beginning of " + truth);
    }
  }

  /**
   * The update that undo comes to next. Rollback passes what needs no undo without a record of it,
   * so that a checkpoint meanwhile may say any LSN on the way there.
   */
  private long nextUndone(TransactionTruth transaction) {
    long lsn = transaction.undoNextLsn;
    RawRecord record = records.get(lsn);
    while (record != null
        && (record.type() == RawRecord.CLR || record.type() == RawRecord.NESTED_END)) {
      lsn = record.undoNextLsn();
      record = records.get(lsn);
    }
    return lsn;
  }

  /** The first record that the page's home lacks must be met by redo. */
  private void checkPage(
      RawLog.Master master, long pageId, @Nullable Long lacking, Map<Long, Dirty> dirty) {
    if (lacking == null || lacking >= master.checkpointLsn()) {
      return;
    }
    @Nullable Dirty page = dirty.get(pageId);
    if (page == null || page.recLsn() > lacking) {
      throw new AssertionError(
          "I-4: the home of page "
              + pageId
              + " lacks the record at "
              + lacking
              + ", and the checkpoint at "
              + master.checkpointLsn()
              + " has "
              + page
              + " for it");
    }
  }

  /** A head that is known is the last record before the begin record, or a later one. */
  private void checkHead(RawLog.Master master, long pageId, Dirty page) {
    TreeMap<Long, Boolean> changes = changesByPage.get(pageId);
    Long last = changes == null ? null : changes.lowerKey(master.checkpointLsn());
    if (last != null && page.headLsn() > 1 && page.headLsn() < last) {
      throw new AssertionError(
          "the checkpoint at "
              + master.checkpointLsn()
              + " has "
              + page
              + " for page "
              + pageId
              + ", whose last record before it is at "
              + last);
    }
  }

  /** pageLSN of the page as the device has it; 0 for none. */
  private long homeLsn(long pageId, int pageSize) {
    byte[] header = durable.read(PAGES, pageId * pageSize, PAGE_HEADER);
    if (header.length < PAGE_HEADER) {
      return 0;
    }
    ByteBuffer in = Bytes.littleEndian(header);
    return in.get(PAGE_TYPE) == 0 ? 0 : in.getLong(PAGE_LSN);
  }
}
