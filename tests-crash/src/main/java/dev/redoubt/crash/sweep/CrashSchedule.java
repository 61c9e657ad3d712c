package dev.redoubt.crash.sweep;

import java.util.ArrayList;
import java.util.List;

/**
 * A run and the crashes in it: the first in the run itself, each further one in the recovery from
 * the one before. Prints as one line from which {@link Sweep#replay} runs it again.
 *
 * @param workload name of the workload
 * @param seed its seed
 * @param points the crashes; empty for a run without any
 */
public record CrashSchedule(String workload, long seed, List<CrashPoint> points) {
  public CrashSchedule {
    points = List.copyOf(points);
  }

  /** This schedule with one more crash, in the recovery from its last. */
  CrashSchedule then(CrashPoint point) {
    List<CrashPoint> more = new ArrayList<>(points);
    more.add(point);
    return new CrashSchedule(workload, seed, more);
  }

  /** Crashes so far. */
  public int depth() {
    return points.size();
  }

  @Override
  public String toString() {
    StringBuilder line = new StringBuilder();
    line.append("workload=").append(workload).append(" seed=").append(seed).append(" crash=");
    for (int i = 0; i < points.size(); i++) {
      line.append(i == 0 ? "" : ">").append(points.get(i));
    }
    return line.toString();
  }

  /**
   * Reads what {@link #toString} printed.
   *
   * @throws IllegalArgumentException for anything else
   */
  public static CrashSchedule parse(String line) {
    String workload = "";
    long seed = 0;
    List<CrashPoint> points = new ArrayList<>();
    for (String word : line.strip().split("\\s+", -1)) {
      String value = word.substring(word.indexOf('=') + 1);
      if (word.startsWith("workload=")) {
        workload = value;
      } else if (word.startsWith("seed=")) {
        seed = Long.parseLong(value);
      } else if (word.startsWith("crash=")) {
        for (String point : value.split(">", -1)) {
          if (!point.isEmpty()) {
            points.add(CrashPoint.parse(point));
          }
        }
      } else {
        throw new IllegalArgumentException("not a crash schedule: " + line);
      }
    }
    return new CrashSchedule(workload, seed, points);
  }
}
