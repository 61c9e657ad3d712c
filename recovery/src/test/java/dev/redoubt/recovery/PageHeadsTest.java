package dev.redoubt.recovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.wal.LogCursor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PageHeadsTest {
  private final DamagedPages store = new DamagedPages();
  private final PageHeads heads = new PageHeads(store.engine.log());

  @AfterEach
  void close() {
    store.engine.close();
  }

  /** By reading all of it. */
  private long lastRecordOf(long page) {
    long last = 0;
    try (LogCursor cursor = store.engine.log().cursor(0)) {
      RecordView view = new RecordView();
      while (cursor.next()) {
        view.read(cursor.payload(), cursor.lsn());
        for (int part = 0; part < view.parts(); part++) {
          last = view.pageId(part) == page ? cursor.lsn() : last;
        }
      }
    }
    return last;
  }

  @Test
  void theLogIsReadOnceForAllPages() {
    long one = store.cells.makePage(store.engine);
    long two = store.cells.makePage(store.engine);
    for (int i = 0; i < 100; i++) {
      store.commit(i % 3 == 0 ? one : two, i % 7, i);
    }
    assertEquals(lastRecordOf(one), heads.head(one));
    long read = heads.recordsRead();
    assertTrue(read > 200, read + " records");
    assertEquals(lastRecordOf(two), heads.head(two));
    assertEquals(lastRecordOf(one), heads.head(one));
    assertEquals(0, heads.head(99));
    assertEquals(read + 3, heads.recordsRead(), "the last record again each time, no other");
  }

  @Test
  void recordsSinceTheLastSearchAreFound() {
    long page = store.cells.makePage(store.engine);
    store.commit(page, 0, 1);
    long before = heads.head(page);
    store.commit(page, 0, 2);
    assertTrue(heads.head(page) > before);
    assertEquals(lastRecordOf(page), heads.head(page));
  }

  @Test
  void whatTheLogHasLetGoOfIsNoHead() {
    long page = store.cells.makePage(store.engine);
    store.commit(page, 0, 1);
    assertTrue(heads.head(page) > 0);
    store.forgetLog();
    assertEquals(0, lastRecordOf(page));
    assertEquals(0, heads.head(page));
    store.commit(page, 0, 2);
    assertEquals(lastRecordOf(page), heads.head(page));
  }
}
