package dev.redoubt.crash.example;

import dev.redoubt.crash.disk.SimDisk;
import dev.redoubt.crash.sweep.PrefixOracle;
import dev.redoubt.crash.sweep.Workload;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;

/** All that the sweep has to know of {@link KeyValueLog}: how to run it, and how to judge it. */
final class KeyValueWorkload implements Workload<Map<String, String>> {
  private final Set<KeyValueLog.Fix> fixes;

  KeyValueWorkload(Set<KeyValueLog.Fix> fixes) {
    this.fixes = fixes;
  }

  @Override
  public String name() {
    return "key-value-log";
  }

  @Override
  public Map<String, String> emptyState() {
    return Map.of();
  }

  @Override
  public void run(SimDisk disk, long seed, PrefixOracle<Map<String, String>> oracle) {
    disk.phase("create");
    try (KeyValueLog log = new KeyValueLog(disk, fixes)) {
      disk.phase("put");
      SplittableRandom random = new SplittableRandom(seed);
      for (int i = 0; i < 12; i++) {
        put(log, oracle, "key" + random.nextInt(5), i + "x".repeat(random.nextInt(1500)));
      }
    }
  }

  @Override
  public void recover(SimDisk disk, long seed, PrefixOracle<Map<String, String>> oracle) {
    try (KeyValueLog log = new KeyValueLog(disk, fixes)) {
      oracle.observe(log.contents());
      put(log, oracle, "after", "recovery " + oracle.attempted());
    }
    try (KeyValueLog log = new KeyValueLog(disk, fixes)) {
      oracle.observe(log.contents());
    }
  }

  private static void put(
      KeyValueLog log, PrefixOracle<Map<String, String>> oracle, String key, String value) {
    TreeMap<String, String> after = new TreeMap<>(oracle.latest());
    after.put(key, value);
    oracle.attempt(after); // from here on it may be there
    log.put(key, value);
    oracle.acknowledge(); // from here on it must
  }
}
