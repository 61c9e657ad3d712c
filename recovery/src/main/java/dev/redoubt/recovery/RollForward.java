package dev.redoubt.recovery;

import dev.redoubt.buffer.FilePageStore;
import dev.redoubt.buffer.PageLayout;
import dev.redoubt.buffer.PageStore;
import dev.redoubt.buffer.PageVerifier;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Redo without a log that can be trusted to be whole: each record is applied to exactly the version
 * it was made against (I-5), as long as there is one; a page whose chain is broken stays where it
 * is until a record formats it anew. One use, by one thread.
 */
final class RollForward {
  private static final int CACHED_PAGES = 2048;

  private final FilePageStore pages;
  private final PageVerifier verifier;
  private final Managers managers;

  /** Pages at work, the one that was used last behind. */
  private final LinkedHashMap<Long, MemorySegment> cache = new LinkedHashMap<>(64, 0.75f, true);

  /** Pages that lack changes, with the first that they lack. */
  private final Map<Long, Long> missing = new HashMap<>();

  RollForward(FilePageStore pages, PageVerifier verifier, Managers managers) {
    this.pages = pages;
    this.verifier = verifier;
    this.managers = managers;
  }

  void redo(long lsn, LogRecord.Redoable record) {
    for (LogRecord.PageChange change : record.changes()) {
      redo(lsn, change);
    }
  }

  private void redo(long lsn, LogRecord.PageChange change) {
    long pageId = change.pageId();
    @Nullable MemorySegment page = page(pageId);
    long pageLsn = page == null ? -1 : PageLayout.pageLsn(page);
    if (pageLsn >= lsn) {
      return;
    }
    ResourceManager manager = managers.find(change.managerId());
    boolean applies = change.format() || (page != null && pageLsn == change.prevPageLsn());
    if (manager == null || !applies) {
      missing.putIfAbsent(pageId, lsn);
      return;
    }
    MemorySegment next = MemorySegment.ofArray(new byte[pages.pageSize()]);
    if (page != null) {
      next.copyFrom(page);
    }
    try {
      manager.redo(next, pageId, change.body());
    } catch (RuntimeException | AssertionError broken) {
      missing.putIfAbsent(pageId, lsn);
      return;
    }
    verifier.seal(next, pageId, lsn);
    missing.remove(pageId);
    cache.put(pageId, next);
    if (cache.size() > CACHED_PAGES) {
      write(CACHED_PAGES / 2);
    }
  }

  private @Nullable MemorySegment page(long pageId) {
    MemorySegment cached = cache.get(pageId);
    return cached != null ? cached : StoredSource.read(pages, verifier, pageId).bytes();
  }

  /** Writes the pages that have not been used for longest, all but so many. */
  private void write(int left) {
    List<PageStore.PageImage> images = new ArrayList<>();
    var entries = cache.entrySet().iterator();
    long last = 0;
    for (int count = cache.size() - left; count > 0; count--) {
      Map.Entry<Long, MemorySegment> entry = entries.next();
      images.add(new PageStore.PageImage(entry.getKey(), entry.getValue().asByteBuffer()));
      last = Math.max(last, entry.getKey());
      entries.remove();
    }
    pages.ensureCapacity(last);
    pages.writeDurably(images);
  }

  /** Writes what has been changed. */
  void finish() {
    write(0);
  }

  /** Which changes the page lacks, in words; empty if none are known. */
  String outdated(long pageId) {
    Long lsn = missing.get(pageId);
    return lsn == null
        ? ""
        : "page " + pageId + " lacks its changes from LSN " + lsn + " on, or some before it";
  }
}
