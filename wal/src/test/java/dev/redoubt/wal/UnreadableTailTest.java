package dev.redoubt.wal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.io.CorruptionException;
import dev.redoubt.io.Disk;
import dev.redoubt.io.DiskFile;
import dev.redoubt.io.ForwardingDisk;
import dev.redoubt.io.ForwardingFile;
import dev.redoubt.io.MemoryDisk;
import dev.redoubt.io.StorageIoException;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.List;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Rule 18: a read error above all watermarks is the end of the log on the operator's word only. */
final class UnreadableTailTest {
  private static final LogOptions ACCEPTING = Logs.SMALL.withAcceptUnreadableTail(true);

  private final MemoryDisk disk = new MemoryDisk();
  private final TreeMap<Long, String> written = new TreeMap<>();

  /** A disk with bad sectors, which a write makes good. */
  private static final class BadSectors extends ForwardingDisk {
    private final Set<String> bad = new HashSet<>();

    BadSectors(Disk disk) {
      super(disk);
    }

    /** Whether reads of the thread that reads ahead fail, all of them. */
    private boolean noReadingAhead;

    void spoil(long lsn) {
      spoil(lsn, Logs.SMALL);
    }

    void spoil(long lsn, LogOptions options) {
      LogGeometry geometry = new LogGeometry(new java.util.UUID(0, 0), options.segmentBytes());
      bad.add(LogLayout.segmentName(geometry.segmentOf(lsn)) + geometry.offsetOf(lsn));
    }

    @Override
    protected DiskFile opened(DiskFile file) {
      return new ForwardingFile(file) {
        @Override
        public int read(ByteBuffer dst, long position) {
          if (noReadingAhead && Thread.currentThread().getName().contains("log-reader")) {
            throw new StorageIoException("EIO for a while");
          }
          for (long at = position; at < position + dst.remaining(); at += 4096) {
            if (bad.contains(name() + at)) {
              throw new StorageIoException("EIO");
            }
          }
          return super.read(dst, position);
        }

        @Override
        public void write(ByteBuffer src, long position) {
          for (long at = position; at < position + src.remaining(); at += 4096) {
            bad.remove(name() + at);
          }
          super.write(src, position);
        }
      };
    }
  }

  /** Forced records, killed before anything was sealed; LSN of the last batch. */
  private long write() {
    Log log = Logs.create(disk, Logs.SMALL);
    while (log.endLsn() < Logs.SMALL.segmentBytes() + 10_000) {
      String text = Logs.text(written.size(), 900);
      written.put(Logs.append(log, text), text);
      log.force(written.lastKey());
    }
    long lastBatch = log.endLsn() - 4096;
    log.abandon();
    return lastBatch;
  }

  @Test
  void readErrorAtTheEndIsTheEndOnTheOperatorsWordOnly() {
    long lastBatch = write();
    BadSectors broken = new BadSectors(disk.processDeath());
    broken.spoil(lastBatch);
    StorageIoException refused =
        assertThrows(StorageIoException.class, () -> Logs.open(broken, Logs.SMALL).close());
    assertTrue(
        String.valueOf(refused.getMessage()).contains("--accept-unreadable-tail"),
        refused.getMessage());

    NavigableMap<Long, String> kept = written.headMap(lastBatch, false);
    long more;
    try (Log log = Logs.open(broken, ACCEPTING)) {
      assertEquals(kept, Logs.records(log));
      assertEquals(lastBatch, log.endLsn());
      List<UnreadableBlock> lost = log.unreadableTail();
      assertEquals(lastBatch, lost.getFirst().lsn());
      assertEquals("EIO", lost.getFirst().error());
      log.startAppending();
      more = Logs.append(log, "more");
      log.force(more);
    }
    try (Log log = Logs.open(broken, Logs.SMALL)) {
      assertEquals(List.of(), log.unreadableTail());
      NavigableMap<Long, String> expected = new TreeMap<>(kept);
      expected.put(more, "more");
      assertEquals(expected, Logs.records(log));
    }
  }

  /** Blocks behind the end are written anew, so that the next crash does not need another word. */
  @Test
  void whatWasGivenUpIsNotMetAgain() {
    long lastBatch = write();
    BadSectors broken = new BadSectors(disk.processDeath());
    broken.spoil(lastBatch);
    broken.spoil(lastBatch + 4096);
    broken.spoil(lastBatch + 2 * 4096);
    try (Log log = Logs.open(broken, ACCEPTING)) {
      assertEquals(3, log.unreadableTail().size());
      log.startAppending();
      log.abandon();
    }
    try (Log log = Logs.open(broken, Logs.SMALL)) {
      assertEquals(written.headMap(lastBatch, false), Logs.records(log));
    }
  }

  @Test
  void whatWasKnownToBeOnDiskIsRefusedWithTheWordToo() {
    long lastBatch = write();
    int refused = 0;
    for (long lsn = 4096; lsn < lastBatch; lsn += 4096) {
      BadSectors broken = new BadSectors(disk.processDeath());
      broken.spoil(lsn);
      try (Log log = Logs.open(broken, ACCEPTING)) {
        // The batch before the last may be above every watermark too: none was written behind it.
        assertTrue(log.endLsn() >= lastBatch - 4096, "ends at " + log.endLsn());
      } catch (CorruptionException damage) {
        assertTrue(
            String.valueOf(damage.getMessage()).contains("could not be read"), damage.getMessage());
        refused++;
      } catch (StorageIoException below) {
        refused++;
      }
    }
    assertTrue(refused > 3, "refused " + refused);
  }

  /** The evidence stands behind the run, further away than a torn tail could reach. */
  @Test
  void whatWasForcedBehindALongRunIsNotGivenUp() {
    LogOptions wide = Logs.SMALL.withSegmentBytes(64 * 4096);
    Log log = Logs.create(disk, wide);
    for (int i = 0; i < 50; i++) {
      log.force(Logs.append(log, Logs.text(i, 900)));
    }
    log.abandon();
    for (int blocks : new int[] {1, 5, 20, 40}) {
      BadSectors broken = new BadSectors(disk.processDeath());
      for (int i = 0; i < blocks; i++) {
        broken.spoil((5L + i) * 4096, wide);
      }
      CorruptionException damage =
          assertThrows(
              CorruptionException.class,
              () -> Logs.open(broken, wide.withAcceptUnreadableTail(true)).close(),
              () -> blocks + " blocks");
      assertTrue(String.valueOf(damage.getMessage()).contains("could not be read"));
    }
  }

  /** A batch is whole without a block of zeros. */
  @Test
  void blockOfZerosIsWrittenAnew() {
    LogOptions wide = Logs.SMALL.withSegmentBytes(64 * 4096).withBuffers(3, 8 * 4096);
    Log log = Logs.create(disk, wide);
    long lsn = log.append(new byte[5 * 4096]);
    log.force(lsn);
    log.abandon();
    BadSectors broken = new BadSectors(disk.processDeath());
    broken.spoil(lsn / 4096 * 4096 + 2 * 4096, wide);
    try (Log opened = Logs.open(broken, wide.withAcceptUnreadableTail(true))) {
      assertEquals(List.of(), opened.unreadableTail(), "nothing is lost");
      opened.startAppending();
      assertEquals(1, Logs.records(opened).size());
      opened.abandon();
    }
    try (Log opened = Logs.open(broken, wide)) {
      assertEquals(1, Logs.records(opened).size());
    }
  }

  @Test
  void errorOfReadingAheadIsNoneYet() {
    write();
    BadSectors broken = new BadSectors(disk.processDeath());
    broken.noReadingAhead = true;
    try (Log log = Logs.open(broken, ACCEPTING.withBackground(true))) {
      assertEquals(written, Logs.records(log));
      assertEquals(List.of(), log.unreadableTail());
    }
  }

  @Test
  void wordChangesNothingWhereAllCanBeRead() {
    write();
    try (Log log = Logs.open(disk.processDeath(), ACCEPTING)) {
      assertEquals(written, Logs.records(log));
      assertEquals(List.of(), log.unreadableTail());
    }
  }
}
