package dev.redoubt.crash.sim;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Map.Entry;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * What was appended to a log, by LSN, and how far it is known durable: everything below the end of
 * any record whose force has returned, or that a follower has been given. Confined to a simulation.
 */
final class LogLedger {
  private static final int LONGEST = 700;

  private final TreeMap<Long, Integer> numbers = new TreeMap<>();
  private final long seed;
  private int appended;
  private long durableLsn = -1;

  /** LSN of the oldest record that must still be there. */
  private long keptFrom;

  LogLedger(long seed) {
    this.seed = seed;
  }

  /** The next record: its number says what it holds. */
  int next() {
    return appended++;
  }

  /** Content of a record. */
  byte[] content(int number) {
    SplittableRandom random = new SplittableRandom(seed * 1_000_003 + number);
    byte[] content = new byte[1 + random.nextInt(LONGEST)];
    random.nextBytes(content);
    return content;
  }

  /** Append has returned. */
  void appended(long lsn, int number) {
    Integer other = numbers.put(lsn, number);
    Ledger.check(other == null, () -> "two records at LSN " + lsn);
  }

  /** A line for each record that was appended: its LSN and whether it was told to be durable. */
  List<String> history() {
    return numbers.entrySet().stream()
        .map(e -> e.getKey() + ": record " + e.getValue() + told(e.getKey()))
        .toList();
  }

  private String told(long lsn) {
    return lsn <= durableLsn ? ", durable" : "";
  }

  /** The record at that LSN, and so all before it, can no longer be lost. */
  void durable(long lsn) {
    durableLsn = Math.max(durableLsn, lsn);
  }

  /** Nothing below is needed any more. */
  void truncated(long lsn) {
    keptFrom = Math.max(keptFrom, lsn);
  }

  /** A record as somebody reads it. */
  void check(long lsn, byte[] found) {
    Integer number = numbers.get(lsn);
    Ledger.check(
        number == null || Arrays.equals(content(number), found),
        () -> "the record at LSN " + lsn + " is not what was appended there");
    if (number == null) {
      // Its append had not returned when the machine was lost: it may be any record not yet known.
      Ledger.check(
          Arrays.equals(content(appended - 1), found) || isPending(found),
          () -> "nobody appended the record at LSN " + lsn);
    }
  }

  private boolean isPending(byte[] found) {
    for (int number = 0; number < appended; number++) {
      if (!numbers.containsValue(number) && Arrays.equals(content(number), found)) {
        return true;
      }
    }
    return false;
  }

  /** What a crash left, read from its start to its end: nothing durable is lost, and no hole. */
  void settle(SortedMap<Long, byte[]> found) {
    found.forEach(this::check);
    for (Entry<Long, Integer> record : numbers.tailMap(keptFrom).entrySet()) {
      long lsn = record.getKey();
      boolean there = found.containsKey(lsn);
      Ledger.check(
          there || lsn > durableLsn, () -> "the record at LSN " + lsn + " was durable and is lost");
      Ledger.check(
          there || found.isEmpty() || lsn > found.lastKey(),
          () -> "the record at LSN " + lsn + " is lost, one behind it is there");
    }
    long end = found.isEmpty() ? durableLsn : found.lastKey();
    numbers.tailMap(end, false).clear();
    for (Map.Entry<Long, byte[]> record : found.entrySet()) {
      if (!numbers.containsKey(record.getKey())) {
        numbers.put(record.getKey(), numberOf(record.getValue()));
      }
    }
    durableLsn = Math.max(durableLsn, end);
  }

  private int numberOf(byte[] found) {
    for (int number = 0; number < appended; number++) {
      if (Arrays.equals(content(number), found)) {
        return number;
      }
    }
    throw new AssertionError("nobody appended such a record");
  }
}
