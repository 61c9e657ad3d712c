package dev.redoubt.crash.plant;

import static dev.redoubt.crash.plant.Patch.emptied;
import static dev.redoubt.crash.plant.Patch.withoutCall;

import java.util.List;

/** Bugs of the buffer pool and of the page store. */
final class PageBugs {
  private static final String BUFFER = "dev.redoubt.buffer.";

  private PageBugs() {}

  static List<Case> cases() {
    return List.of(
        Case.of(
            Hunt.MEMORY,
            "page-before-log",
            "R1",
            "a page goes home before the log is durable past its pageLSN",
            emptied(BUFFER + "PageCleaner", "forceLog"),
            emptied(BUFFER + "PageCleaner", "checkWriteAheadRule")),
        Case.of(
            Hunt.MEMORY,
            "clean-before-home-force",
            "R7",
            "a page leaves the dirty page table before it is durable at home",
            withoutCall(BUFFER + "FilePageStore", "writeBatch", "PageFile.force")),
        Case.of(
            Hunt.MEMORY,
            "clean-before-gentle-force",
            "R7",
            "a page that was cleaned at the pace leaves the dirty page table before it is durable",
            withoutCall(BUFFER + "FilePageStore", "writeBatch", "PageFile.forcePast")),
        Case.of(
            Hunt.MEMORY,
            "copies-not-forced",
            "R8",
            "pages go home before their copies are durable",
            withoutCall(BUFFER + "DoubleWriteFile", "writeCopies", "DiskFile.force")),
        Case.of(
            Hunt.MEMORY,
            "torn-page-not-restored",
            "R8",
            "copies of torn pages are left where they are",
            emptied(BUFFER + "FilePageStore", "isNewerThanHome")),
        Case.of(
            Hunt.MEMORY,
            "page-lsn-not-set",
            "R9",
            "a page is changed and keeps its pageLSN",
            withoutCall(BUFFER + "PageGuard", "changed", "PageLayout.setPageLsn")),
        Case.of(
            Hunt.REDONE,
            "format-leaves-bytes",
            "R9",
            "a page that is formatted keeps bytes of what it was",
            withoutCall(BUFFER + "PageLayout", "format", "MemorySegment.fill")),
        Case.of(
            Hunt.LOST_WRITE,
            "old-version-taken",
            "R9",
            "an older version of a page that comes back is taken for good",
            emptied(BUFFER + "WrittenVersions", "atLeast")),
        Case.of(
            Hunt.ROCKS,
            "flush-not-awaited",
            "R10",
            "pages in RocksDB leave the dirty page table before their flush",
            withoutCall(BUFFER + "rocksdb.RocksDbPageStore", "lambda*", "RocksDB.flush")));
  }
}
