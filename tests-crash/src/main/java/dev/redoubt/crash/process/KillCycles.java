package dev.redoubt.crash.process;

import dev.redoubt.kv.KeyRange;
import dev.redoubt.kv.Store;
import dev.redoubt.kv.VerifyReport;
import java.nio.file.Path;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Kills {@link CommitLoop} on a real disk at random moments, opens the store again and checks that
 * every acknowledged transaction is whole and nothing else is there. One folder, many cycles.
 */
public final class KillCycles {
  private final Path folder;
  private final int writers;
  private final SplittableRandom random;
  private final PagesIn pages;
  private final TreeMap<String, Long> acknowledged = new TreeMap<>();
  private long acknowledgements;

  /** Cycles in a folder, with so many writers; the seed decides after how many lines to kill. */
  public KillCycles(Path folder, int writers, long seed) {
    this(folder, writers, seed, PagesIn.FILE);
  }

  /** The same with pages in something else. */
  public KillCycles(Path folder, int writers, long seed, PagesIn pages) {
    this.pages = pages;
    this.folder = folder;
    this.writers = writers;
    this.random = new SplittableRandom(seed);
  }

  /** Acknowledgements read so far, over all cycles. */
  public long acknowledgements() {
    return acknowledgements;
  }

  /** One cycle; throws an {@link AssertionError} if the store is not right afterwards. */
  public void cycle() {
    int lines = random.nextInt(400);
    try (ChildJvm child =
        ChildJvm.start(CommitLoop.class, folder.toString(), "" + writers, pages.name())) {
      if (!"open".equals(child.readLine())) {
        throw new AssertionError("the child did not open the store");
      }
      for (int i = 0; i < lines; i++) {
        note(child.readLine());
      }
      child.kill();
      for (String line = child.readLine(); line != null; line = child.readLine()) {
        if (line.matches("w[0-9]+ [0-9]+")) {
          note(line);
        }
      }
    }
    check();
  }

  private void note(@Nullable String line) {
    if (line == null) {
      throw new AssertionError("the child ended by itself");
    }
    int space = line.indexOf(' ');
    acknowledged.put(line.substring(0, space), Long.parseLong(line.substring(space + 1)));
    acknowledgements++;
  }

  private void check() {
    try (Store store = Store.open(folder, CommitLoop.options(pages))) {
      TreeMap<String, String> expected = new TreeMap<>();
      for (int i = 0; i < writers; i++) {
        expect("w" + i, CommitLoop.counter(store, "w" + i), expected);
      }
      TreeMap<String, String> found = new TreeMap<>();
      store.read(
          tx -> {
            for (Map.Entry<String, String> e : tx.tree(CommitLoop.TREE).range(KeyRange.all())) {
              found.put(e.getKey(), e.getValue());
            }
            return found;
          });
      if (!found.equals(expected)) {
        throw new AssertionError("expected " + expected.keySet() + ", found " + found.keySet());
      }
      VerifyReport report = store.verify(_ -> {});
      if (!report.ok()) {
        throw new AssertionError("the store is not sound: " + report.problems());
      }
    }
  }

  private void expect(String writer, long counter, Map<String, String> expected) {
    long last = acknowledged.getOrDefault(writer, 0L);
    // One more may have been committed, its line not yet printed.
    if (counter < last || counter > last + 1) {
      throw new AssertionError(
          writer + " has committed " + counter + ", but " + last + " were acknowledged");
    }
    acknowledged.put(writer, counter);
    if (counter > 0) {
      expected.put(writer, Long.toString(counter));
    }
    for (long n = Math.max(1, counter - CommitLoop.KEPT + 1); n <= counter; n++) {
      for (int i = 0; i < CommitLoop.ENTRIES; i++) {
        expected.put(CommitLoop.entry(writer, n, i), CommitLoop.value(n));
      }
    }
  }
}
