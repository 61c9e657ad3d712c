package dev.redoubt.wal;

import dev.redoubt.io.MemoryDisk;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * A small real log with a past: several segments, some of them recycled, crashes, each with the
 * records that were ever appended. Made from a seed.
 */
final class FuzzLog {
  private final SplittableRandom random;
  private final SeededEnvironment environment;
  private final String name;
  private final List<MemoryDisk> past = new ArrayList<>();
  private final Map<Long, Set<String>> ever = new TreeMap<>();
  private MemoryDisk disk = new MemoryDisk();
  private NavigableMap<Long, String> records = new TreeMap<>();
  private long sealedBelow;

  private FuzzLog(long seed, String name) {
    this.random = new SplittableRandom(seed);
    this.environment = new SeededEnvironment(random.split());
    this.name = name;
  }

  /** A log of so many openings; after each but the last the power goes, or the process dies. */
  static FuzzLog make(long seed, int openings, String name) {
    FuzzLog made = new FuzzLog(seed, name);
    Log log = Log.create(made.disk, made.environment, Logs.SMALL, new byte[] {9});
    for (int i = 1; i < openings; i++) {
      made.work(log, 15);
      made.past.add(made.disk.processDeath());
      made.disk =
          made.random.nextBoolean() ? made.disk.powerCut(made.random) : made.disk.processDeath();
      log = Log.open(made.disk, made.environment, Logs.SMALL);
      log.startAppending();
    }
    made.work(log, 40);
    if (made.random.nextBoolean()) {
      log.close();
    } else {
      log.abandon();
    }
    made.disk = made.disk.processDeath();
    try (Log found = Log.open(made.disk, made.environment, Logs.SMALL)) {
      made.records = Logs.records(found);
      made.sealedBelow = found.master().watermarkLsn();
    }
    return made;
  }

  /** The same up to here, then on with other records: another log of the same store id. */
  FuzzLog fork(long seed) {
    FuzzLog fork = new FuzzLog(seed, name + "'");
    fork.disk = disk.processDeath();
    try (Log log = Log.open(fork.disk, environment, Logs.SMALL)) {
      log.startAppending();
      fork.work(log, 25);
    }
    return fork;
  }

  private void work(Log log, int steps) {
    for (int i = 0; i < steps; i++) {
      String text = Logs.text(random.nextInt(1000), 1 + random.nextInt(4000));
      long lsn = Logs.append(log, text);
      ever.computeIfAbsent(lsn, _ -> new HashSet<>()).add(text);
      int choice = random.nextInt(10);
      if (choice < 5) {
        log.force(lsn);
      } else if (choice == 5) {
        log.tick();
      } else if (choice == 6 && lsn < log.durableEndLsn()) {
        log.writeMaster(lsn, Math.max(log.startLsn(), lsn - 40_000), false);
        log.truncate();
      }
    }
  }

  /** A copy of the disk, to be spoilt. */
  MemoryDisk copy() {
    return disk.processDeath();
  }

  /** The disk as it was before each crash. */
  List<MemoryDisk> past() {
    return past;
  }

  /** What the log holds. */
  NavigableMap<Long, String> records() {
    return records;
  }

  /** Whether such a record was ever appended there, even if a crash took it. */
  boolean everHad(long lsn, String text) {
    return ever.getOrDefault(lsn, Set.of()).contains(text);
  }

  /** The newest master slot says that everything below was forced. */
  long sealedBelow() {
    return sealedBelow;
  }

  @Override
  public String toString() {
    return name;
  }
}
