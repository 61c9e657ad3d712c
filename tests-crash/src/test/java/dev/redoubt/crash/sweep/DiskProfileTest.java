package dev.redoubt.crash.sweep;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.crash.disk.CrashChoice;
import dev.redoubt.crash.disk.SimDisk;
import dev.redoubt.crash.work.LogWorkload;
import dev.redoubt.io.Disk.Access;
import dev.redoubt.io.Disk.Caching;
import dev.redoubt.io.DiskFile;
import dev.redoubt.io.Environment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Each kind of disk leaves what it says, and a sweep finds out what an engine makes of it. */
class DiskProfileTest {
  /** Two bytes are written to a file that is there; both are forced if so wanted. */
  private static Set<String> survivors(DiskProfile profile, boolean force) {
    SimDisk disk = SimDisk.create();
    DiskFile file = disk.open("a", Access.CREATE, Caching.BUFFERED);
    write(file, "..", 0);
    file.force();
    disk.forceDirectory();
    profile.prepare(disk);
    write(file, "1", 0);
    write(file, "2", 1);
    if (force) {
      file.force();
    }
    Set<String> survivors = new TreeSet<>();
    for (CrashChoice choice : profile.plan().choices(disk.pending(), disk.sectorBytes(), 1)) {
      byte[] bytes = disk.crash(choice).readDurable("a", 0, 2);
      survivors.add(new String(bytes, StandardCharsets.ISO_8859_1));
    }
    return survivors;
  }

  private static void write(DiskFile file, String text, long position) {
    file.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1)), position);
  }

  @Test
  void posixKeepsOneWriteWithoutTheOther() {
    Set<String> survivors = survivors(DiskProfile.POSIX_MINIMAL, false);
    assertTrue(survivors.containsAll(Set.of("..", "1.", ".2", "12")), survivors.toString());
    assertEquals(Set.of("12"), survivors(DiskProfile.POSIX_MINIMAL, true));
  }

  @Test
  void orderedDiskKeepsPrefixes() {
    assertEquals(Set.of("..", "1.", "12"), survivors(DiskProfile.ORDERED, false));
    assertEquals(Set.of("12"), survivors(DiskProfile.ORDERED, true));
  }

  @Test
  void liarLosesWhatWasForced() {
    Set<String> survivors = survivors(DiskProfile.LYING, true);
    assertTrue(survivors.containsAll(Set.of("..", "1.", ".2", "12")), survivors.toString());
  }

  @ParameterizedTest
  @EnumSource(
      value = DiskProfile.class,
      names = {"POSIX_MINIMAL", "ORDERED"})
  void journalAndLogLoseNothingOnDisksThatKeepTheirWord(DiskProfile profile) {
    sweep(profile, new ToyJournal()).orThrow();
    SweepReport log = sweep(profile, new LogWorkload(100, 3000, UnaryOperator.identity()));
    log.orThrow();
    assertTrue(log.states() > 1_000, log.toString());
  }

  @Test
  void lossesOfTheLiarAreFoundAndReplayed() {
    ToyJournal journal = new ToyJournal();
    SweepReport report = sweep(DiskProfile.LYING, journal);
    assertEquals(1, report.failures().size(), report.toString());
    String line = report.failures().getFirst().schedule().toString();
    assertNotNull(Sweep.replay(DiskProfile.LYING.on(journal), line, 512), line);
  }

  private static <S> SweepReport sweep(DiskProfile profile, Workload<S> workload) {
    SweepOptions options = SweepOptions.defaults(1).withBudget(2_000, Duration.ofMinutes(5));
    return Sweep.run(profile.on(workload), profile.on(options), Environment.system());
  }
}
