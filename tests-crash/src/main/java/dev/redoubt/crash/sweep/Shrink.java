package dev.redoubt.crash.sweep;

import dev.redoubt.crash.disk.CrashChoice;
import dev.redoubt.crash.disk.Fate;
import java.util.ArrayList;
import java.util.List;

/** Looks for a simpler schedule that fails too: fewer crashes, then simpler losses. */
final class Shrink {
  /** Single operations tried as the one that is lost or kept. */
  private static final int MAX_INDEX = 24;

  private Shrink() {}

  static <S> CrashSchedule shrink(Workload<S> workload, CrashSchedule failing, int sectorBytes) {
    CrashSchedule best = failing;
    for (int i = failing.depth() - 1; i >= 0 && best.depth() > 1; i--) {
      List<CrashPoint> fewer = new ArrayList<>(best.points());
      fewer.remove(i);
      CrashSchedule candidate = new CrashSchedule(best.workload(), best.seed(), fewer);
      if (fails(workload, candidate, sectorBytes)) {
        best = candidate;
      }
    }
    for (int i = 0; i < best.depth(); i++) {
      best = simplify(workload, best, i, sectorBytes);
    }
    return best;
  }

  private static <S> CrashSchedule simplify(
      Workload<S> workload, CrashSchedule failing, int index, int sectorBytes) {
    CrashPoint point = failing.points().get(index);
    boolean simple = point.choice() instanceof CrashChoice.Uniform;
    if (simple || point.choice() instanceof CrashChoice.Death) {
      return failing;
    }
    for (CrashChoice choice : simpler()) {
      if (choice.equals(point.choice())) {
        break;
      }
      List<CrashPoint> points = new ArrayList<>(failing.points());
      points.set(index, new CrashPoint(point.ordinal(), choice));
      CrashSchedule candidate = new CrashSchedule(failing.workload(), failing.seed(), points);
      if (fails(workload, candidate, sectorBytes)) {
        return candidate;
      }
    }
    return failing;
  }

  private static List<CrashChoice> simpler() {
    List<CrashChoice> choices = new ArrayList<>(List.of(CrashChoice.none(), CrashChoice.all()));
    for (int i = 0; i < MAX_INDEX; i++) {
      choices.add(new CrashChoice.Except(true, i, Fate.LOST));
      choices.add(new CrashChoice.Except(false, i, Fate.KEPT));
    }
    return choices;
  }

  private static <S> boolean fails(Workload<S> workload, CrashSchedule schedule, int sectorBytes) {
    return new Replay<>(workload, schedule, sectorBytes).run() != null;
  }
}
