package dev.redoubt.crash.disk;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;

/**
 * What a crash makes of everything unforced. Printed by {@code toString} and read back by {@link
 * #parse}, so that a failing schedule can be run again.
 */
public sealed interface CrashChoice {
  /** The process dies, the machine lives: everything stays readable, and stays unforced. */
  record Death() implements CrashChoice {
    @Override
    public String toString() {
      return "death";
    }
  }

  /** Power loss: all unforced operations kept, or all lost. */
  record Uniform(boolean kept) implements CrashChoice {
    @Override
    public String toString() {
      return kept ? "all" : "none";
    }
  }

  /** Power loss: everything kept, or lost, but for one operation that has a fate of its own. */
  record Except(boolean kept, int index, Fate fate) implements CrashChoice {
    @Override
    public String toString() {
      return new Uniform(kept) + "/" + index + "=" + FateText.format(fate);
    }
  }

  /** Power loss on a disk that keeps order: the first {@code count} operations are kept. */
  record First(int count) implements CrashChoice {
    @Override
    public String toString() {
      return "first:" + count;
    }
  }

  /** Power loss in which a seed decides about every operation. */
  record Seeded(long seed) implements CrashChoice {
    @Override
    public String toString() {
      return "seed:" + seed;
    }
  }

  /** Power loss, everything unforced is lost. */
  static CrashChoice none() {
    return new Uniform(false);
  }

  /** Power loss, and yet everything unforced arrived. */
  static CrashChoice all() {
    return new Uniform(true);
  }

  /** Death of the process. */
  static CrashChoice death() {
    return new Death();
  }

  /**
   * Reads what {@code toString} printed.
   *
   * @throws IllegalArgumentException for anything else
   */
  static CrashChoice parse(String text) {
    if (text.equals("death")) {
      return new Death();
    }
    if (text.equals("none") || text.equals("all")) {
      return new Uniform(text.equals("all"));
    }
    if (text.startsWith("first:")) {
      return new First(Integer.parseInt(text.substring("first:".length())));
    }
    if (text.startsWith("seed:")) {
      return new Seeded(Long.parseLong(text.substring("seed:".length())));
    }
    int slash = text.indexOf('/');
    int equals = text.indexOf('=');
    if (slash < 0 || equals < slash) {
      throw new IllegalArgumentException("not a crash choice: " + text);
    }
    return new Except(
        text.substring(0, slash).equals("all"),
        Integer.parseInt(text.substring(slash + 1, equals)),
        FateText.parse(text.substring(equals + 1)));
  }

  /**
   * The fate of each of {@code pending}, in order. A directory entry is lost or kept whatever a
   * choice says of sectors.
   */
  default List<Fate> fates(List<PendingOp> pending) {
    return switch (this) {
      case Death _ -> Collections.nCopies(pending.size(), Fate.KEPT);
      case Uniform(boolean kept) -> Collections.nCopies(pending.size(), kept(kept));
      case First(int count) -> {
        List<Fate> fates = new ArrayList<>(pending.size());
        for (int i = 0; i < pending.size(); i++) {
          fates.add(kept(i < count));
        }
        yield fates;
      }
      case Except(boolean kept, int index, Fate fate) -> {
        List<Fate> fates = new ArrayList<>(Collections.nCopies(pending.size(), kept(kept)));
        if (index < fates.size()) {
          fates.set(index, fate);
        }
        yield fates;
      }
      case Seeded(long seed) -> seeded(new SplittableRandom(seed), pending);
    };
  }

  private static Fate kept(boolean kept) {
    return kept ? Fate.KEPT : Fate.LOST;
  }

  private static List<Fate> seeded(SplittableRandom random, List<PendingOp> pending) {
    int keptOfTen = 1 + random.nextInt(9);
    int tornOfTen = random.nextInt(4);
    List<Fate> fates = new ArrayList<>(pending.size());
    for (PendingOp op : pending) {
      boolean torn = random.nextInt(10) < tornOfTen;
      boolean kept = random.nextInt(10) < keptOfTen;
      long seed = random.nextLong();
      fates.add(torn && op instanceof PendingOp.Write ? torn(random, seed) : kept(kept));
    }
    return fates;
  }

  private static Fate torn(SplittableRandom random, long seed) {
    return switch (random.nextInt(5)) {
      case 0 -> new Fate.Prefix(1 + random.nextInt(8));
      case 1 -> new Fate.Suffix(1 + random.nextInt(8));
      case 2 -> new Fate.Garbage(seed);
      case 3 -> Fate.LENGTH_ONLY;
      default -> new Fate.Sectors(seed);
    };
  }
}
