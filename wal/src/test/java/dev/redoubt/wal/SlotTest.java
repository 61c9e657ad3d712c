package dev.redoubt.wal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.io.CorruptionException;
import dev.redoubt.io.DiskFullException;
import dev.redoubt.io.Environment;
import dev.redoubt.io.MemoryDisk;
import dev.redoubt.io.StorageIoException;
import dev.redoubt.io.UnsupportedFormatException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** A slot keeps a follower's place over restarts, holds the log so far, and no further. */
final class SlotTest {
  private static final int SEGMENT = Logs.SMALL.segmentBytes();
  private static final String FILE = "slot-feed";

  private final MemoryDisk disk = new MemoryDisk();

  private static long write(Log log, int records) {
    long last = 0;
    for (int i = 0; i < records; i++) {
      last = Logs.append(log, Logs.text(i, 2000));
      log.force(last);
    }
    return last;
  }

  private static void truncate(Log log, long lsn) {
    log.writeMaster(lsn, lsn, false);
    log.truncate();
  }

  private static int count(LogTail tail) {
    int records = 0;
    while (tail.poll()) {
      records++;
    }
    return records;
  }

  @Test
  void theFollowerGoesOnWhereItConfirmed() {
    List<String> seen = new ArrayList<>();
    List<String> written = new ArrayList<>();
    try (Log log = Logs.create(disk, Logs.SMALL)) {
      LogSlot slot = log.followers().createSlot("feed", log.durableEndLsn(), 64L * SEGMENT);
      assertEquals(LogSlot.State.HOLDING, slot.state());
      assertEquals(64L * SEGMENT, slot.maxRetainedBytes());
      assertThrows(
          IllegalStateException.class, () -> log.followers().createSlot("feed", 0, SEGMENT));
    }
    for (int opening = 0; opening < 20; opening++) {
      Log log = Logs.open(disk, Logs.SMALL);
      log.startAppending();
      LogSlot slot = log.followers().slot("feed");
      try (LogTail tail = slot.tail()) {
        for (int i = 0; i < 6; i++) {
          written.add(Logs.text(written.size(), 2500));
          log.force(Logs.append(log, written.getLast()));
          if (i == 3) {
            truncate(log, log.durableEndLsn() - 1);
          }
        }
        for (int i = 0; i < 4 + opening % 3 && tail.poll(); i++) {
          seen.add(Logs.text(tail.payload().toArray(java.lang.foreign.ValueLayout.JAVA_BYTE)));
          slot.confirm(tail.positionLsn());
        }
        // Read ahead and not confirmed: shown again after the restart.
        tail.poll();
      }
      if (opening % 2 == 0) {
        log.abandon();
      } else {
        log.close();
      }
    }
    assertEquals(written.subList(0, seen.size()), seen);
    assertTrue(seen.size() > 90);
  }

  /** I-7, over a restart. */
  @Test
  void theHoldIsBackBeforeAnythingCanBeTruncated() {
    try (Log log = Logs.create(disk, Logs.SMALL)) {
      log.followers().createSlot("feed", 0, 64L * SEGMENT);
      truncate(log, write(log, 20));
      assertEquals(0, log.startLsn());
    }
    try (Log log = Logs.open(disk, Logs.SMALL)) {
      assertEquals("[slot feed at 0]", names(log));
      log.startAppending();
      truncate(log, write(log, 5));
      assertEquals(0, log.startLsn());
      LogSlot slot = log.followers().slot("feed");
      try (LogTail tail = slot.tail()) {
        assertEquals(25, count(tail));
        slot.confirm(tail.positionLsn());
      }
      log.truncate();
      assertTrue(log.startLsn() > 2L * SEGMENT, "what was confirmed is not held");
      assertThrows(IllegalArgumentException.class, () -> slot.confirm(log.durableEndLsn() + 4096));
      long confirmed = slot.confirmedLsn();
      slot.confirm(confirmed - 1);
      assertEquals(confirmed, slot.confirmedLsn(), "never back");
    }
  }

  private static String names(Log log) {
    return log.holders().stream().map(h -> h.name() + " at " + h.lsn()).toList().toString();
  }

  @Test
  void aSlotBeyondItsBoundIsLostAndStaysSoUntilDeleted() {
    try (Log log = Logs.create(disk, Logs.SMALL)) {
      log.followers().createSlot("feed", 0, 3L * SEGMENT);
      LogSlot slot = log.followers().slot("feed");
      try (LogTail tail = slot.tail()) {
        long first = write(log, 1);
        assertTrue(tail.poll());
        slot.confirm(tail.positionLsn());
        truncate(log, write(log, 4));
        assertEquals(LogSlot.State.HOLDING, slot.state());
        truncate(log, write(log, 40));
        assertEquals(LogSlot.State.LOST, slot.state());
        assertEquals("[]", names(log), "it holds nothing any more");
        LogPositionLostException e = assertThrows(LogPositionLostException.class, tail::poll);
        assertTrue(e.fromLsn() > first && e.toLsn() == log.startLsn(), e.toString());
        assertTrue(String.valueOf(e.getMessage()).contains("'feed'"), e.toString());
        assertThrows(LogPositionLostException.class, () -> slot.confirm(log.durableEndLsn()));
      }
      write(log, 1);
    }
    try (Log log = Logs.open(disk, Logs.SMALL)) {
      LogSlot slot = log.followers().slot("feed");
      assertEquals(LogSlot.State.LOST, slot.state());
      assertThrows(LogPositionLostException.class, slot::tail);
      log.startAppending();
      slot.delete();
      assertFalse(disk.exists(FILE));
      assertTrue(log.followers().slots().isEmpty());
      assertThrows(IllegalArgumentException.class, () -> log.followers().slot("feed"));
      assertThrows(
          LogPositionLostException.class, () -> log.followers().createSlot("feed", 4096, SEGMENT));
      LogSlot again = log.followers().createSlot("feed", log.startLsn(), SEGMENT);
      try (LogTail tail = again.tail()) {
        assertTrue(count(tail) > 0);
      }
    }
  }

  /** Confirmed twice, so that both blocks are written; returns the two places. */
  private long[] twoPlaces() {
    long[] places = new long[3];
    try (Log log = Logs.create(disk, Logs.SMALL)) {
      LogSlot slot = log.followers().createSlot("feed", log.durableEndLsn(), 64L * SEGMENT);
      places[0] = slot.confirmedLsn();
      for (int i = 1; i < 3; i++) {
        places[i] = write(log, 3) + 8;
        slot.confirm(places[i]);
      }
    }
    return places;
  }

  private MemoryDisk with(byte[] bytes) {
    MemoryDisk copy = disk.processDeath();
    copy.setBytes(FILE, bytes);
    return copy;
  }

  @Test
  void aDamagedBlockLeavesTheOlderPlaceAndTwoLeaveANamedError() {
    long[] places = twoPlaces();
    byte[] good = disk.bytes(FILE);
    assertEquals(2 * 4096, good.length);
    TreeMap<Long, Integer> found = new TreeMap<>();
    for (int at = 0; at < good.length; at += at % 4096 < 80 ? 1 : 53) {
      byte[] flipped = good.clone();
      flipped[at] ^= (byte) (1 << at % 8);
      try (Log log = Logs.open(with(flipped), Logs.SMALL)) {
        LogSlot slot = log.followers().slot("feed");
        found.merge(slot.confirmedLsn(), 1, Integer::sum);
        assertEquals(LogSlot.State.HOLDING, slot.state());
        assertEquals(64L * SEGMENT, slot.maxRetainedBytes());
      }
    }
    assertEquals(List.of(places[1], places[2]), List.copyOf(found.keySet()));
    byte[] both = good.clone();
    both[100] ^= 1;
    both[4096 + 100] ^= 1;
    MemoryDisk damaged = with(both);
    try (Log log = Logs.open(damaged, Logs.SMALL)) {
      LogSlot slot = log.followers().slot("feed");
      assertEquals(LogSlot.State.DAMAGED, slot.state());
      CorruptionException e = assertThrows(CorruptionException.class, slot::tail);
      assertTrue(String.valueOf(e.getMessage()).contains(FILE), e.toString());
      log.startAppending();
      assertThrows(CorruptionException.class, () -> slot.confirm(log.durableEndLsn()));
      write(log, 1);
      slot.delete();
      log.followers().createSlot("feed", 0, SEGMENT);
    }
    for (int length : new int[] {0, 1, 4096, 5000}) {
      try (Log log = Logs.open(with(java.util.Arrays.copyOf(good, length)), Logs.SMALL)) {
        LogSlot slot = log.followers().slot("feed");
        assertEquals(length < 4096 ? LogSlot.State.DAMAGED : LogSlot.State.HOLDING, slot.state());
      }
    }
  }

  @Test
  void slotsOfOtherStoresOtherNamesLaterMomentsAndVersionsAreNotBelieved() {
    twoPlaces();
    byte[] good = disk.bytes(FILE);
    MemoryDisk other = new MemoryDisk();
    Logs.create(other, Logs.SMALL).close();
    other.setBytes(FILE, good);
    assertState(other, LogSlot.State.DAMAGED, CorruptionException.class);

    MemoryDisk renamed = disk.processDeath();
    renamed.setBytes(FILE, null);
    renamed.setBytes("slot-food", good);
    try (Log log = Logs.open(renamed, Logs.SMALL)) {
      assertEquals(LogSlot.State.DAMAGED, log.followers().slot("food").state());
    }

    MemoryDisk older = new MemoryDisk();
    Logs.create(older, Logs.SMALL).close();
    long far = 1L << 40;
    MemoryDisk later = disk.processDeath();
    later.setBytes(
        FILE, edited(good, block -> LogLayout.putLong(block, SlotLayout.CONFIRMED, far)));
    assertState(later, LogSlot.State.DAMAGED, CorruptionException.class);

    MemoryDisk newer = disk.processDeath();
    newer.setBytes(FILE, edited(good, block -> LogLayout.putInt(block, SlotLayout.VERSION, 2)));
    assertState(newer, LogSlot.State.DAMAGED, UnsupportedFormatException.class);
  }

  private static byte[] edited(byte[] file, java.util.function.Consumer<MemorySegment> edit) {
    byte[] changed = file.clone();
    for (int at = 0; at < file.length; at += 4096) {
      Block block = new Block();
      MemorySegment.copy(MemorySegment.ofArray(file), at, block.memory, 0, 4096);
      edit.accept(block.memory);
      block.seal();
      MemorySegment.copy(block.memory, 0, MemorySegment.ofArray(changed), at, 4096);
    }
    return changed;
  }

  private static void assertState(
      MemoryDisk on, LogSlot.State state, Class<? extends RuntimeException> error) {
    try (Log log = Logs.open(on, Logs.SMALL)) {
      LogSlot slot = log.followers().slot("feed");
      assertEquals(state, slot.state());
      assertThrows(error, slot::tail);
    }
  }

  @Test
  void aSlotThatCannotBeReadIsAnErrorOfTheOpening() {
    twoPlaces();
    disk.onCall(
        call -> {
          if (call.kind().equals("read") && call.file().equals(FILE)) {
            throw new StorageIoException("EIO");
          }
        });
    assertThrows(StorageIoException.class, () -> Logs.open(disk, Logs.SMALL));
  }

  @Test
  void namesAndFullDisksAndInspectionsAreRefused() {
    long lsn;
    try (Log log = Logs.create(disk, Logs.SMALL)) {
      lsn = write(log, 3);
      for (String name : new String[] {"", "A", "a/b", "-a", "x".repeat(64), "a.tmp"}) {
        assertThrows(
            IllegalArgumentException.class, () -> log.followers().createSlot(name, 0, SEGMENT));
      }
      assertThrows(IllegalArgumentException.class, () -> log.followers().createSlot("feed", 0, 0));
      disk.capacity(disk.usedBytes());
      assertThrows(DiskFullException.class, () -> log.followers().createSlot("feed", 0, SEGMENT));
      assertEquals("[]", names(log), "no hold is left behind");
      assertTrue(disk.list().stream().noneMatch(name -> name.startsWith("slot-")));
      disk.capacity(Long.MAX_VALUE);
      log.followers().createSlot("feed", lsn, SEGMENT);
    }
    try (Log log = Log.openReadOnly(disk, Environment.system(), Logs.SMALL)) {
      LogSlot slot = log.followers().slot("feed");
      assertEquals(lsn, slot.confirmedLsn());
      assertThrows(IllegalStateException.class, () -> slot.confirm(log.durableEndLsn()));
      assertThrows(IllegalStateException.class, slot::delete);
      try (LogTail tail = slot.tail()) {
        assertEquals(1, count(tail));
      }
    }
  }
}
