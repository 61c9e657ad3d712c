package dev.redoubt.crash.sim;

import dev.redoubt.crash.disk.CrashChoice;
import dev.redoubt.crash.disk.Fault;
import dev.redoubt.crash.disk.IoKind;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** What goes wrong in a run, and when: drawn from its seed before it begins. */
final class SimPlan {
  private static final long NEVER = Long.MAX_VALUE;
  private static final int MOST_LIVES = 5;

  /**
   * One life.
   *
   * @param crashStep after so many steps the machine is gone; never for the largest number
   * @param choice what that, or its orderly end, leaves of what is unforced
   * @param faults of the disk
   * @param last whether all is well and everything is checked
   */
  record Life(long crashStep, CrashChoice choice, List<DiskFault> faults, boolean last) {
    /** Whether something has struck that may fail a call. */
    boolean struck() {
      return faults.stream()
          .map(DiskFault::fault)
          .anyMatch(fault -> fault.action() != Fault.Action.SHORT && fault.struck());
    }

    @Override
    public String toString() {
      return (crashStep == NEVER ? "to its end" : "crash at step " + crashStep)
          + ", "
          + choice
          + ", faults "
          + faults;
    }
  }

  /** A fault with its description, which is the same in every run. */
  record DiskFault(Fault fault, String text) {
    @Override
    public String toString() {
      return text;
    }
  }

  private SimPlan() {}

  static List<Life> draw(SplittableRandom random) {
    int count = 1 + random.nextInt(MOST_LIVES);
    List<Life> lives = new ArrayList<>(count);
    for (int i = 1; i < count; i++) {
      // Spread over magnitudes: openings take hundreds of steps, lives with clients thousands.
      long crash = random.nextInt(5) == 0 ? NEVER : (long) Math.pow(2, random.nextDouble(3, 13.5));
      lives.add(new Life(crash, choice(random), faults(random), false));
    }
    lives.add(new Life(NEVER, CrashChoice.death(), List.of(), true));
    return lives;
  }

  private static CrashChoice choice(SplittableRandom random) {
    return switch (random.nextInt(6)) {
      case 0 -> CrashChoice.death();
      case 1 -> CrashChoice.all();
      case 2, 3 -> CrashChoice.none();
      default -> new CrashChoice.Seeded(random.nextLong() >>> 16);
    };
  }

  private static List<DiskFault> faults(SplittableRandom random) {
    if (random.nextInt(3) != 0) {
      return List.of();
    }
    long nth = (long) Math.pow(2, random.nextDouble(0, 8)) - 1;
    IoKind kind =
        switch (random.nextInt(5)) {
          case 0 -> IoKind.READ;
          case 1, 2 -> IoKind.WRITE;
          case 3 -> IoKind.CREATE;
          default -> IoKind.FORCE;
        };
    Fault.Action action =
        switch (random.nextInt(5)) {
          case 0 -> Fault.Action.ENOSPC;
          case 3 -> Fault.Action.SHORT;
          case 1 -> Fault.Action.EIO_PARTIAL;
          case 2 -> Fault.Action.EIO_KEEPING;
          default -> Fault.Action.EIO;
        };
    boolean once = random.nextBoolean();
    Fault fault = once ? Fault.once(kind, "", nth, action) : Fault.forEver(kind, "", nth, action);
    return List.of(new DiskFault(fault, action + " at " + kind + " " + nth + (once ? "" : "+")));
  }
}
