package dev.redoubt.crash.work;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.crash.disk.CrashChoice;
import dev.redoubt.crash.disk.Fate;
import dev.redoubt.crash.disk.Fault;
import dev.redoubt.crash.disk.IoKind;
import dev.redoubt.crash.disk.SimDisk;
import org.junit.jupiter.api.Test;

class VersionFileTest {
  @Test
  void whatBecomesOfTheLastWriteLeavesTheNumberBeforeIt() {
    SimDisk disk = SimDisk.create();
    VersionFile.make(disk);
    assertEquals(0, VersionFile.newest(disk));
    // As to one disk of many: even numbers in a row, and odd ones.
    for (long number : new long[] {1, 2, 4, 6, 7, 9, 10}) {
      long before = VersionFile.newest(disk);
      disk.inject(Fault.once(IoKind.FORCE, "rocks-version", 0, Fault.Action.LIE));
      VersionFile.write(disk, number);
      assertEquals(number, VersionFile.newest(disk));
      int last = disk.pending().size() - 1;
      for (long seed = 1; seed <= 20; seed++) { // old bytes, new ones, or noise
        CrashChoice torn = new CrashChoice.Except(true, last, new Fate.Garbage(seed));
        long found = VersionFile.newest(disk.crash(torn));
        assertTrue(found == before || found == number, found + " instead of " + number);
      }
      assertEquals(before, VersionFile.newest(disk.crash(CrashChoice.none())));
      disk.heal();
      VersionFile.write(disk, number); // once more, and forced
    }
  }
}
