package dev.redoubt.wal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.io.CorruptionException;
import dev.redoubt.io.MemoryDisk;
import dev.redoubt.io.StorageIoException;
import dev.redoubt.io.UnsupportedFormatException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Every flip and truncation of a small log ends in the one right answer. */
final class DamageTest {
  private static final String FIRST = LogLayout.segmentName(0);
  private static final String SECOND = LogLayout.segmentName(1);
  private static final String THIRD = LogLayout.segmentName(2);

  private final MemoryDisk disk = new MemoryDisk();
  private final TreeMap<Long, String> written = new TreeMap<>();

  private static MemoryDisk with(MemoryDisk original, String name, byte[] bytes) {
    MemoryDisk copy = original.processDeath();
    copy.setBytes(name, bytes);
    return copy;
  }

  /** Two segments and a bit, every record forced, not sealed: as after a kill. */
  private void write(boolean close) {
    Log log = Logs.create(disk, Logs.SMALL);
    for (int i = 0; log.endLsn() < 2L * Logs.SMALL.segmentBytes() + 10_000; i++) {
      if (i % 5 == 0) {
        log.tick();
      }
      String text = Logs.text(i, 900);
      written.put(Logs.append(log, text), text);
      log.force(written.lastKey());
    }
    if (close) {
      log.close();
    } else {
      log.abandon();
    }
  }

  /** What an opening says: a log that lost at most unsealed records, or the named error. */
  private String outcome(MemoryDisk damaged, long mustKeepBelow) {
    try (Log log = Logs.open(damaged, Logs.SMALL)) {
      NavigableMap<Long, String> found = Logs.records(log);
      assertTrue(
          found.size() >= written.headMap(mustKeepBelow).size(), "lost acknowledged records");
      found.forEach((lsn, text) -> assertEquals(written.get(lsn), text));
      assertEquals(written.headMap(log.endLsn()), found);
      return found.size() == written.size() ? "same" : "shorter";
    } catch (CorruptionException e) {
      return "corrupt";
    } catch (UnsupportedFormatException e) {
      return "unsupported";
    }
  }

  @Test
  void everyFlippedBitOfASealedLogIsNoticedOrHarmless() {
    write(true);
    int flips = 0;
    TreeMap<String, Integer> outcomes = new TreeMap<>();
    for (String name : new String[] {FIRST, SECOND, THIRD, LogLayout.MASTER_FILE}) {
      byte[] bytes = disk.bytes(name);
      for (int at = 0; at < bytes.length; at += flipStride(at)) {
        byte[] flipped = bytes.clone();
        flipped[at] ^= (byte) (1 << (at % 8));
        String outcome = outcome(with(disk, name, flipped), Long.MAX_VALUE);
        assertFalse(outcome.equals("shorter"), name + " " + at);
        outcomes.merge(outcome, 1, Integer::sum);
        flips++;
      }
    }
    System.out.println("flips tried: " + flips + " " + outcomes);
    assertTrue(outcomes.containsKey("corrupt"));
  }

  /** Every byte of headers and the records behind them; of the rest a sample. */
  private static int flipStride(int at) {
    return at % 4096 < 160 ? 1 : 61;
  }

  /** Found by the fuzzer: a slot whose checksum is right and whose LSN none can be. */
  @Test
  void masterSlotWithAnLsnThatNoneCanBeIsDamageWhateverRoadIsTaken() {
    write(true);
    for (int field :
        new int[] {
          MasterLayout.SLOT_CHECKPOINT, MasterLayout.SLOT_BOUND, MasterLayout.SLOT_WATERMARK
        }) {
      byte[] master = disk.bytes(LogLayout.MASTER_FILE);
      Block block = new Block();
      for (int slot = 1; slot <= MasterLayout.SLOTS; slot++) {
        MemorySegment at = MemorySegment.ofArray(master).asSlice(slot * 4096L, 4096);
        block.memory.copyFrom(at);
        LogLayout.putLong(block.memory, field, -1);
        block.seal();
        at.copyFrom(block.memory);
      }
      MemoryDisk forged = with(disk, LogLayout.MASTER_FILE, master);
      assertEquals("corrupt", outcome(forged, Long.MAX_VALUE));
      String message = Logs.readOnTheWay(forged, Logs.SMALL);
      assertTrue(message.contains("impossible LSN in slot"), message);
    }
  }

  @Test
  void everyTruncationIsTheSameLogAShorterOneAboveTheWatermarkOrAnError() {
    write(false);
    MemoryDisk killed = disk.processDeath();
    long lastBatch;
    try (Log log = Logs.open(killed, Logs.SMALL)) {
      lastBatch = log.endLsn() - 4096;
    }
    int tried = 0;
    for (String name : new String[] {FIRST, SECOND, THIRD}) {
      byte[] bytes = disk.bytes(name);
      for (int length = 0; length < bytes.length; length += length % 4096 < 130 ? 13 : 517) {
        MemoryDisk cut = with(disk, name, Arrays.copyOf(bytes, length));
        outcome(cut, lastBatch);
        tried++;
      }
      MemoryDisk none = with(disk, name, bytes);
      none.setBytes(name, null);
      assertEquals("corrupt", outcome(none, lastBatch), name);
      tried++;
    }
    System.out.println("truncations tried: " + tried);
  }

  @Test
  @Tag("slow")
  void everySingleBitOfASealedLogIsNoticedOrHarmless() {
    write(true);
    long flips = 0;
    for (String name : new String[] {FIRST, SECOND, THIRD, LogLayout.MASTER_FILE}) {
      byte[] bytes = disk.bytes(name);
      for (int bit = 0; bit < 8 * bytes.length; bit++) {
        byte[] flipped = bytes.clone();
        flipped[bit / 8] ^= (byte) (1 << (bit % 8));
        String outcome = outcome(with(disk, name, flipped), Long.MAX_VALUE);
        assertFalse(outcome.equals("shorter"), name + " bit " + bit);
        flips++;
      }
    }
    System.out.println("single bits tried: " + flips);
  }

  @Test
  @Tag("slow")
  void everyLengthOfEverySegmentIsTheSameLogOrAnError() {
    write(true);
    int tried = 0;
    for (String name : new String[] {FIRST, SECOND, THIRD}) {
      byte[] bytes = disk.bytes(name);
      for (int length = 0; length < bytes.length; length++) {
        MemoryDisk cut = with(disk, name, Arrays.copyOf(bytes, length));
        assertFalse(outcome(cut, Long.MAX_VALUE).equals("shorter"), name + " " + length);
        tried++;
      }
    }
    System.out.println("lengths tried: " + tried);
  }

  @Test
  void aFlippedBitInTheLastUnsealedBatchIsATornTail() {
    write(false);
    byte[] bytes = disk.bytes(THIRD);
    int last = (int) (written.lastKey() % Logs.SMALL.segmentBytes());
    bytes[last + 20] ^= 1;
    MemoryDisk damaged = with(disk, THIRD, bytes);
    assertEquals("shorter", outcome(damaged, written.lastKey()));
    try (Log log = Logs.open(damaged, Logs.SMALL)) {
      log.startAppending();
      long lsn = Logs.append(log, "after");
      log.force(lsn);
      assertEquals("after", Logs.text(log.read(lsn)));
    }
  }

  @Test
  void damageBelowTheWatermarkNamesFileOffsetAndLsn() {
    write(true);
    byte[] bytes = disk.bytes(SECOND);
    bytes[3 * 4096 + 100] ^= 1;
    CorruptionException e =
        assertThrows(
            CorruptionException.class, () -> Logs.open(with(disk, SECOND, bytes), Logs.SMALL));
    long lsn = Logs.SMALL.segmentBytes() + 3L * 4096;
    String message = String.valueOf(e.getMessage());
    assertTrue(message.contains(SECOND), message);
    assertTrue(message.contains("offset " + 3 * 4096), message);
    assertTrue(message.contains("LSN " + lsn), message);
  }

  @Test
  void missingForeignAndMisplacedSegmentsAreNamed() {
    write(true);
    MemoryDisk missing = disk.processDeath();
    missing.setBytes(SECOND, null);
    assertMessage("missing", missing);

    MemoryDisk misplaced = with(disk, SECOND, disk.bytes(FIRST));
    assertMessage("another segment", misplaced);

    MemoryDisk other = new MemoryDisk();
    Logs.create(other, Logs.SMALL).close();
    MemoryDisk foreign = with(disk, FIRST, other.bytes(FIRST));
    assertMessage("another store", foreign);
  }

  private static void assertMessage(String words, MemoryDisk damaged) {
    CorruptionException e =
        assertThrows(CorruptionException.class, () -> Logs.open(damaged, Logs.SMALL));
    String message = String.valueOf(e.getMessage());
    assertTrue(message.contains(words), message);
  }

  @Test
  void wrongMagicUnknownVersionAndBadChecksumOfTheMasterAreThreeErrors() {
    write(true);
    byte[] magic = disk.bytes(LogLayout.MASTER_FILE);
    magic[MasterLayout.MAGIC] ^= 1;
    assertMessage("wrong magic", with(disk, LogLayout.MASTER_FILE, magic));

    byte[] checksum = disk.bytes(LogLayout.MASTER_FILE);
    checksum[MasterLayout.STORE_HIGH] ^= 1;
    assertMessage("bad checksum", with(disk, LogLayout.MASTER_FILE, checksum));

    Block block = new Block();
    byte[] version = disk.bytes(LogLayout.MASTER_FILE);
    java.lang.foreign.MemorySegment.copy(
        java.lang.foreign.MemorySegment.ofArray(version), 0, block.memory, 0, 4096);
    LogLayout.putInt(block.memory, MasterLayout.VERSION, 2);
    block.seal();
    java.lang.foreign.MemorySegment.copy(
        block.memory, 0, java.lang.foreign.MemorySegment.ofArray(version), 0, 4096);
    assertThrows(
        UnsupportedFormatException.class,
        () -> Logs.open(with(disk, LogLayout.MASTER_FILE, version), Logs.SMALL));
  }

  @Test
  void aReadErrorIsNeverAnEnd() {
    write(false);
    MemoryDisk healthy = disk.processDeath();
    int[] reads = new int[1];
    healthy.onCall(call -> reads[0] += call.kind().equals("read") ? 1 : 0);
    try (Log log = Logs.open(healthy, Logs.SMALL)) {
      assertEquals(written, Logs.records(log));
    }
    int opening = reads[0];
    for (int failing = 1; failing <= opening; failing++) {
      MemoryDisk broken = disk.processDeath();
      int position = failing;
      int[] seen = new int[1];
      broken.onCall(
          call -> {
            if (call.kind().equals("read") && ++seen[0] == position) {
              throw new StorageIoException("EIO");
            }
          });
      assertThrows(
          StorageIoException.class,
          () -> {
            try (Log log = Logs.open(broken, Logs.SMALL)) {
              Logs.records(log);
            }
          });
    }
  }
}
