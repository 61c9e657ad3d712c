package dev.redoubt.recovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.buffer.DirtyPage;
import dev.redoubt.io.CorruptionException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class LogRecordCodecTest {
  private static MemorySegment bytes(String hex) {
    return MemorySegment.ofArray(HexFormat.of().parseHex(hex.replace(" ", "")));
  }

  private static String hex(MemorySegment bytes) {
    return HexFormat.of().formatHex(bytes.toArray(ValueLayout.JAVA_BYTE));
  }

  private static final LogRecord.PageChange PLAIN =
      new LogRecord.PageChange(10, 300, 4096, false, bytes("aabb"));
  private static final LogRecord.PageChange FORMAT =
      new LogRecord.PageChange(1, 2, 0, true, bytes("cc"));

  private static RecoveryReport report() {
    return new RecoveryReport(
        false,
        true,
        Instant.ofEpochSecond(1000, 2),
        4160,
        4161,
        8192,
        4035,
        5,
        6,
        7,
        8,
        9,
        10,
        11,
        12,
        13,
        14,
        15,
        List.of(129L, 3L),
        List.of(5L),
        16,
        Duration.ofNanos(17),
        Duration.ofNanos(18),
        Duration.ofNanos(19),
        Duration.ofNanos(20));
  }

  /** One record of each type and its bytes, as docs/format-records.md has them. */
  private record Golden(LogRecord record, String hex) {}

  private static final List<Golden> GOLDEN =
      List.of(
          new Golden(new LogRecord.BeginCheckpoint(), "01"),
          new Golden(
              new LogRecord.CheckpointTables(
                  4160,
                  List.of(
                      new TransactionEntry(7, Transaction.State.ACTIVE, 4200, 4300, 4250, 4200)),
                  List.of(new DirtyPage(3, 4128, 4160))),
              "02 c020 01 07 01 cc21 e820 9a21 e820 01 03 a020 c020"),
          new Golden(
              new LogRecord.EndCheckpoint(
                  4160, 9, List.of(1, 10), new RestartRates(1, 2, 3, 4, 5, 258), null),
              "03 c020 09 02 01 0a 0100000000000000 0200000000000000 0300000000000000"
                  + " 0400000000000000 0500000000000000 0201000000000000 00"),
          new Golden(
              new LogRecord.EndCheckpoint(
                  4160, 9, List.of(), new RestartRates(0, 0, 0, 0, 0, 0), report()),
              "03 c020 09 00"
                  + " 0000000000000000 0000000000000000 0000000000000000"
                  + " 0000000000000000 0000000000000000 0000000000000000"
                  + " 02 e803000000000000 0200000000000000 c020 c120 8040 c31f 05 06 07"
                  + " 08 09 0a 0b 0c 0d 0e 0f 02 8101 03 01 05 10"
                  + " 1100000000000000 1200000000000000 1300000000000000 1400000000000000"),
          new Golden(
              new LogRecord.StructureChange(List.of(PLAIN, FORMAT)),
              "04 02 14 ac02 8020 02 03 02 00 01 aabb cc"),
          new Golden(
              new LogRecord.Update(5, 4160, 10, false, List.of(PLAIN)),
              "05 05 c020 0a 01 14 ac02 8020 02 aabb"),
          new Golden(
              new LogRecord.Update(5, 4160, 10, true, List.of(PLAIN)),
              "85 05 c020 0a 01 14 ac02 8020 02 aabb"),
          new Golden(
              new LogRecord.Clr(5, 4160, 4096, List.of(PLAIN)),
              "06 05 c020 8020 01 14 ac02 8020 02 aabb"),
          new Golden(new LogRecord.Clr(5, 4160, 0, List.of()), "06 05 c020 00 00"),
          new Golden(new LogRecord.NestedTopActionEnd(5, 4160, 4096), "07 05 c020 8020"),
          new Golden(new LogRecord.Commit(5, 4160), "08 05 c020"),
          new Golden(new LogRecord.Abort(5, 4160), "09 05 c020"),
          new Golden(new LogRecord.End(300, 4160), "0a ac02 c020"),
          new Golden(
              new LogRecord.Prepare(5, 4160, bytes("0102"), bytes("ff")), "0b 05 c020 02 0102 ff"),
          new Golden(
              new LogRecord.UndoCopy(5, 4160, 10, List.of(PLAIN)),
              "0c 05 c020 0a 01 14 ac02 8020 02 aabb"),
          new Golden(
              new LogRecord.PrepareMoved(5, 4160, 4096, bytes("0102"), bytes("ff")),
              "0d 05 c020 8020 02 0102 ff"),
          new Golden(
              new LogRecord.UndoIndex(
                  5, 4160, 4096, 2, bytes("40 0807060504030201 ac02 ff00000000000000")),
              "0e 05 c020 8020 02 40 0807060504030201 ac02 ff00000000000000"));

  @Test
  void goldenBytesOfEveryType() {
    for (Golden golden : GOLDEN) {
      String expected = golden.hex().replace(" ", "");
      assertEquals(expected, hex(LogRecordCodec.encode(golden.record())), "" + golden.record());
      LogRecord decoded = LogRecordCodec.decode(bytes(golden.hex()), 1);
      assertEquals(expected, hex(LogRecordCodec.encode(decoded)));
      assertEquals(golden.record().getClass(), decoded.getClass());
    }
  }

  @Test
  void everyTruncationIsRejected() {
    for (Golden golden : GOLDEN) {
      MemorySegment whole = bytes(golden.hex());
      boolean openEnded = isOpenEnded(golden);
      for (int length = 0; length < whole.byteSize() - (openEnded ? 1 : 0); length++) {
        MemorySegment cut = whole.asSlice(0, length);
        assertThrows(CorruptionException.class, () -> LogRecordCodec.decode(cut, 1));
      }
    }
  }

  private static boolean isOpenEnded(Golden golden) {
    return golden.record() instanceof LogRecord.Prepare
        || golden.record() instanceof LogRecord.PrepareMoved;
  }

  @Test
  void bytesBehindTheRecordAreRejected() {
    for (Golden golden : GOLDEN) {
      if (!isOpenEnded(golden)) {
        CorruptionException refused =
            assertThrows(
                CorruptionException.class,
                () -> LogRecordCodec.decode(bytes(golden.hex() + "00"), 77));
        assertTrue(String.valueOf(refused.getMessage()).contains("LSN 77"));
      }
    }
  }

  @Test
  void everyBitFlipIsRejectedOrIsAnotherRecord() {
    for (Golden golden : GOLDEN) {
      byte[] good = bytes(golden.hex()).toArray(ValueLayout.JAVA_BYTE);
      for (int bit = 0; bit < 8 * good.length; bit++) {
        byte[] flipped = good.clone();
        flipped[bit / 8] ^= (byte) (1 << bit % 8);
        try {
          LogRecord other = LogRecordCodec.decode(MemorySegment.ofArray(flipped), 1);
          // Valid if and only if it is what the encoder writes: decoding loses nothing.
          assertEquals(HexFormat.of().formatHex(flipped), hex(LogRecordCodec.encode(other)));
          assertNotEquals(golden.hex().replace(" ", ""), hex(LogRecordCodec.encode(other)));
        } catch (CorruptionException named) {
          assertTrue(String.valueOf(named.getMessage()).contains("log record at LSN 1"));
        }
      }
    }
  }

  @Test
  void hostileBytesGiveANamedErrorAndNoLargeAllocation() {
    long seed = 20260101;
    SplittableRandom random = new SplittableRandom(seed);
    for (int round = 0; round < 200_000; round++) {
      byte[] noise = new byte[random.nextInt(40)];
      random.nextBytes(noise);
      if (noise.length > 0) {
        noise[0] = (byte) (random.nextInt(16) | (random.nextInt(8) == 0 ? 0x80 : 0));
      }
      try {
        LogRecord record = LogRecordCodec.decode(MemorySegment.ofArray(noise), 1);
        assertEquals(
            HexFormat.of().formatHex(noise),
            hex(LogRecordCodec.encode(record)),
            "seed " + seed + ", round " + round);
      } catch (CorruptionException named) {
        assertTrue(String.valueOf(named.getMessage()).contains("log record at LSN 1"));
      }
    }
  }

  @Test
  void typeZeroAndUnknownTypesAndFlagsAreRejected() {
    for (String hex : List.of("00", "0c0501", "1f0501", "810501", "250500", "450500", "")) {
      assertThrows(CorruptionException.class, () -> LogRecordCodec.decode(bytes(hex), 1), hex);
    }
  }

  @Test
  void largeVarintsSurvive() {
    for (int shift = 0; shift < 63; shift++) {
      long value = 1L << shift;
      LogRecord.Clr clr = new LogRecord.Clr(value, value - 1, value, List.of());
      assertEquals(clr, LogRecordCodec.decode(LogRecordCodec.encode(clr), 1));
      assertEquals(
          LogRecordCodec.encode(clr).byteSize(),
          2L + 2L * PayloadWriter.varintBytes(value) + PayloadWriter.varintBytes(value - 1));
    }
  }

  @Test
  void recordsBuiltByAtomicChangeAreWhatTheCodecWrites() {
    MemoryDisk disk = new MemoryDisk();
    Cells cells = Engines.CELLS;
    try (Engine engine = Engines.open(disk)) {
      long page = cells.makePage(engine);
      Transaction transaction = engine.begin();
      cells.set(engine, transaction, page, 3, 4);
      cells.makePage(engine, transaction);
      transaction.rollback();
      engine.checkpoint();
      for (LogEntry entry : Engines.records(engine)) {
        byte[] stored = engine.log().read(entry.lsn());
        LogRecord record = LogRecordCodec.decode(MemorySegment.ofArray(stored), entry.lsn());
        assertEquals(HexFormat.of().formatHex(stored), hex(LogRecordCodec.encode(record)));
      }
    }
  }

  @Test
  void changeOfManyPagesOutgrowsTheRoomForItsHead() {
    MemoryDisk disk = new MemoryDisk();
    Cells cells = Engines.CELLS;
    try (Engine engine = Engines.open(disk, Engines.SMALL.withFrames(64))) {
      AtomicChange change = new AtomicChange();
      List<dev.redoubt.buffer.PageGuard> guards = new java.util.ArrayList<>();
      for (int i = 0; i < 50; i++) {
        long pageId = engine.space().reserve();
        guards.add(engine.pool().fresh(pageId));
        change.format(guards.getLast(), cells).putByte(1);
        engine.space().addAllocate(change, pageId);
      }
      long lsn = Engines.change(engine, change);
      guards.forEach(dev.redoubt.buffer.PageGuard::close);
      byte[] stored = engine.log().read(lsn);
      LogRecord record = LogRecordCodec.decode(MemorySegment.ofArray(stored), lsn);
      // Fifty formats, and the bits of all of them in one part of the one bitmap page.
      assertEquals(51, ((LogRecord.StructureChange) record).changes().size());
      assertEquals(HexFormat.of().formatHex(stored), hex(LogRecordCodec.encode(record)));
      assertEquals(52, engine.space().allocatedPages());
    }
  }
}
