package dev.redoubt.crash.sweep;

import dev.redoubt.crash.disk.CrashChoice;
import dev.redoubt.crash.disk.Fate;
import dev.redoubt.crash.disk.PendingOp;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Which losses are tried at a crash point.
 *
 * @param individually whether each unforced operation is dropped alone, and kept alone
 * @param maxIndividual at most so many of them at one point, spread evenly
 * @param maxTears at most so many ways to tear the last write, at its sectors and into noise
 * @param subsets how many seeded subsets with tears and noise
 * @param ordered whether the disk keeps order: only prefixes of what is unforced survive
 * @param death whether the process also dies without a power loss
 */
public record CrashPlan(
    boolean individually,
    int maxIndividual,
    int maxTears,
    int subsets,
    boolean ordered,
    boolean death) {
  /** Everything, as for the first crash of a run. */
  public static CrashPlan full() {
    return new CrashPlan(true, 24, 20, 4, false, true);
  }

  /** Few, as for crashes of a recovery. */
  public static CrashPlan brief() {
    return new CrashPlan(false, 0, 1, 1, false, true);
  }

  /** As a disk whose sectors arrive whole, and only ever the operation as a whole. */
  public static CrashPlan withoutTears() {
    return new CrashPlan(true, 24, 0, 0, false, true);
  }

  /** As a disk that never reorders would: prefixes only. */
  public static CrashPlan orderKeeping() {
    return new CrashPlan(false, 0, 0, 0, true, true);
  }

  /** The choices for a point with these unforced operations. {@code seed} picks the subsets. */
  public List<CrashChoice> choices(List<PendingOp> pending, int sectorBytes, long seed) {
    List<CrashChoice> choices = new ArrayList<>();
    choices.add(CrashChoice.none());
    int count = pending.size();
    if (count == 0) {
      return choices;
    }
    choices.add(CrashChoice.all());
    if (death) {
      choices.add(CrashChoice.death());
    }
    if (ordered) {
      for (int i = 1; i < count; i++) {
        choices.add(new CrashChoice.First(i));
      }
      return choices;
    }
    if (individually && count > 1) {
      int step = Math.max(1, (count + maxIndividual - 1) / maxIndividual);
      for (int i = (int) Math.floorMod(seed, (long) step); i < count; i += step) {
        choices.add(new CrashChoice.Except(true, i, Fate.LOST));
        choices.add(new CrashChoice.Except(false, i, Fate.KEPT));
      }
    }
    if (maxTears > 0 && pending.getLast() instanceof PendingOp.Write last) {
      choices.addAll(tears(count - 1, last.sectors(sectorBytes), seed));
    }
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < subsets; i++) {
      choices.add(new CrashChoice.Seeded(random.nextLong() >>> 16));
    }
    return choices;
  }

  private List<CrashChoice> tears(int index, int sectors, long seed) {
    List<CrashChoice> tears = new ArrayList<>();
    for (int i = 1; i < sectors; i++) {
      tears.add(new CrashChoice.Except(true, index, new Fate.Prefix(i)));
    }
    if (sectors > 1) {
      tears.add(new CrashChoice.Except(true, index, new Fate.Suffix(sectors / 2)));
      tears.add(new CrashChoice.Except(false, index, new Fate.Sectors(seed >>> 16)));
    }
    tears.add(new CrashChoice.Except(true, index, new Fate.Garbage(seed >>> 16)));
    tears.add(new CrashChoice.Except(true, index, Fate.LENGTH_ONLY));
    SplittableRandom random = new SplittableRandom(seed);
    while (tears.size() > maxTears) {
      tears.remove(random.nextInt(tears.size()));
    }
    return tears;
  }
}
