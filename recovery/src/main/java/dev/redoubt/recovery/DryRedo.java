package dev.redoubt.recovery;

import dev.redoubt.buffer.PageLayout;
import dev.redoubt.buffer.PageRepair;
import dev.redoubt.buffer.PageStore;
import dev.redoubt.buffer.PageVerifier;
import dev.redoubt.io.StorageIoException;
import dev.redoubt.wal.Log;
import dev.redoubt.wal.LogCursor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * What redo would decide, told from page versions alone, and what undo would meet behind it. Reads
 * only; used once, by one thread.
 */
final class DryRedo {
  private final Log log;
  private final PageHeads heads;
  private final PageStore pages;
  private final AnalysisResult analysis;
  private final Consumer<RestartStep> steps;

  /** Versions of the pages as redo has brought them so far. */
  private final Map<Long, Long> pageLsns = new HashMap<>();

  /** Versions of the pages as they are stored, those in copies of torn ones included. */
  private final Map<Long, Long> storedLsns = new HashMap<>();

  /** Pages set aside, and the last record of each. */
  private final TreeMap<Long, Long> suspects = new TreeMap<>();

  /** Pages that were given up, and since when. */
  private final Map<Long, Long> givenUp = new HashMap<>();

  /** Pages that the disk did not give: it may do better next time. */
  private final Set<Long> notRead = new HashSet<>();

  /** Whether undo can have a page that it needs. */
  private final Map<Long, Boolean> neededByUndo = new HashMap<>();

  private final Map<RestartRule, Long> counts = new EnumMap<>(RestartRule.class);
  private final List<Long> quarantined = new ArrayList<>();

  DryRedo(Log log, PageStore pages, AnalysisResult analysis, Consumer<RestartStep> steps) {
    this.log = log;
    this.heads = new PageHeads(log);
    this.pages = pages;
    this.analysis = analysis;
    this.steps = steps;
  }

  void run() {
    restoreTorn();
    long fromLsn = analysis.redoLsn();
    step(new RestartStep.Begin(RestartRule.REDO_BEGINS, fromLsn, analysis.endLsn()));
    if (fromLsn < analysis.endLsn()) {
      try (LogCursor cursor = log.cursor(fromLsn)) {
        while (cursor.next() && cursor.lsn() < analysis.endLsn()) {
          LogRecord record = LogRecordCodec.decode(cursor.payload(), cursor.lsn());
          if (record instanceof LogRecord.Redoable redoable) {
            redoable.changes().forEach(change -> redo(cursor.lsn(), record, change));
          }
        }
      }
    }
    suspects.forEach(this::rebuild);
  }

  private void restoreTorn() {
    for (PageStore.PageImage copy : pages.copiesOfTorn(analysis.dirtyPages()::contains)) {
      long pageId = copy.pageId();
      long copyLsn = PageLayout.pageLsn(MemorySegment.ofBuffer(copy.bytes()));
      step(
          new RestartStep.OfStoredPage(
              RestartRule.TORN_PAGE_RESTORED, copyLsn, pageId, storedPageLsn(pageId)));
      storedLsns.put(pageId, copyLsn);
    }
  }

  private void redo(long lsn, LogRecord record, LogRecord.PageChange change) {
    long pageId = change.pageId();
    long recLsn = analysis.dirtyPages().recLsn(pageId);
    long pageLsn = 0;
    RestartRule rule;
    if (recLsn == Long.MAX_VALUE) {
      rule = RestartRule.SKIPPED_NOT_DIRTY;
    } else if (lsn < recLsn) {
      rule = RestartRule.SKIPPED_REC_LSN;
    } else if (!change.format() && suspects.containsKey(pageId)) {
      suspects.put(pageId, lsn);
      rule = RestartRule.STAYS_ASIDE;
    } else {
      pageLsn = pageLsns.computeIfAbsent(pageId, this::storedPageLsn);
      rule = test(lsn, change, pageLsn);
    }
    long id = record instanceof LogRecord.OfTransaction own ? own.transactionId() : 0;
    step(
        new RestartStep.OfRedo(
            rule,
            lsn,
            LogDump.type(record),
            id,
            pageId,
            recLsn == Long.MAX_VALUE ? 0 : recLsn,
            pageLsn,
            change.prevPageLsn(),
            change.format()));
  }

  private RestartRule test(long lsn, LogRecord.PageChange change, long pageLsn) {
    long pageId = change.pageId();
    if (pageLsn != RestartStep.UNREADABLE && pageLsn >= lsn) {
      return RestartRule.SKIPPED_PAGE_LSN;
    }
    boolean lost = pageLsn == RestartStep.UNREADABLE && lsn < givenUpSince(pageId);
    if (lost || (!change.format() && pageLsn != change.prevPageLsn())) {
      suspects.put(pageId, lsn);
      pageLsns.remove(pageId); // What was redone leaves memory; it is read again.
      return RestartRule.SET_ASIDE;
    }
    pageLsns.put(pageId, lsn);
    suspects.remove(pageId);
    return RestartRule.APPLIED;
  }

  /** As {@link PageRebuild} does it, but for the bytes. */
  private void rebuild(long pageId, long lastLsn) {
    PageChain chain = new PageChain(log, pageId);
    long storedLsn = storedLsns.getOrDefault(pageId, RestartStep.UNREADABLE);
    chain.walk(lastLsn, storedLsn == RestartStep.UNREADABLE ? PageRepair.NO_BASE : storedLsn);
    if (chain.isComplete() && lastLsn >= givenUpSince(pageId)) {
      step(
          new RestartStep.OfStoredPage(
              RestartRule.REBUILT, chain.headLsn(), pageId, chain.firstLsn()));
    } else {
      quarantined.add(pageId);
      step(new RestartStep.OfStoredPage(RestartRule.QUARANTINED, lastLsn, pageId, storedLsn));
    }
  }

  private long storedPageLsn(long pageId) {
    return storedLsns.computeIfAbsent(pageId, this::read);
  }

  private long read(long pageId) {
    MemorySegment page = Arena.ofAuto().allocate(pages.pageSize(), 4096);
    try {
      pages.read(pageId, page.asByteBuffer());
    } catch (StorageIoException unreadable) {
      notRead.add(pageId);
      return RestartStep.UNREADABLE;
    }
    if (PageVerifier.isBlank(page)) {
      return 0;
    }
    PageVerifier verifier = new PageVerifier(log.storeId(), pages.pageSize());
    if (verifier.problem(page, pageId, log.endLsn(), "pages") != null) {
      return RestartStep.UNREADABLE;
    }
    if (PageVerifier.givenUp(page) != null) {
      givenUp.put(pageId, PageLayout.pageLsn(page));
      return RestartStep.UNREADABLE;
    }
    return PageLayout.pageLsn(page);
  }

  private long givenUpSince(long pageId) {
    return givenUp.getOrDefault(pageId, 0L);
  }

  private void step(RestartStep step) {
    counts.merge(step.rule(), 1L, Long::sum);
    steps.accept(step);
  }

  long count(RestartRule rule) {
    return counts.getOrDefault(rule, 0L);
  }

  /**
   * Whether undo can have this page. One that redo did not look at is read now, and made anew or
   * put into quarantine if it is damaged. One that was given up stops nobody.
   */
  boolean canBeUndone(long pageId) {
    return neededByUndo.computeIfAbsent(pageId, this::lookForUndo);
  }

  private boolean lookForUndo(long pageId) {
    if (suspects.containsKey(pageId)) {
      return givenUp.containsKey(pageId) || !quarantined.contains(pageId);
    }
    long stored = pageLsns.getOrDefault(pageId, storedPageLsn(pageId));
    if (stored > 0 || givenUp.containsKey(pageId)) {
      return true;
    }
    PageChain chain = new PageChain(log, pageId);
    chain.walk(heads.head(pageId), PageRepair.NO_BASE);
    if (chain.isComplete()) {
      step(
          new RestartStep.OfStoredPage(
              RestartRule.REBUILT_FOR_UNDO, chain.headLsn(), pageId, chain.firstLsn()));
      return true;
    }
    if (!notRead.contains(pageId)) {
      quarantined.add(pageId);
      step(
          new RestartStep.OfStoredPage(
              RestartRule.QUARANTINED_IN_UNDO, chain.headLsn(), pageId, stored));
    }
    return false;
  }

  List<Long> quarantined() {
    return quarantined.stream().sorted().toList();
  }
}
