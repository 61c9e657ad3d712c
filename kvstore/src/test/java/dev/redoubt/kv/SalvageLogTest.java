package dev.redoubt.kv;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/** Salvage of stores whose master file, log or page file is damaged or missing. */
class SalvageLogTest extends SalvageFixture {
  @Test
  void theMasterFileIsMadeUpFromTheLog() throws IOException {
    crashWithLog();
    byte[] master = Files.readAllBytes(dir().resolve("master"));
    flip("master", 4096 + 20);
    flip("master", 8192 + 20);
    assertComplete(salvage());
    flip("master", 20);
    assertComplete(salvage());
    Files.delete(dir().resolve("master"));
    assertComplete(salvage());
    Files.write(dir().resolve("master"), master);
    assertComplete(salvage());
  }

  @Test
  void theDoubleWriteFileAndTheMissingPagesAreNoLossWhileTheLogIsThere() throws IOException {
    crashWithLog();
    flip("doublewrite", 100);
    assertComplete(salvage());
    Files.delete(dir().resolve("doublewrite"));
    assertComplete(salvage());
    Files.delete(dir().resolve("pages"));
    assertComplete(salvage());
  }

  @Test
  void aLogDamagedInTheMiddleGivesWhatThereIsAndSaysSo() throws IOException {
    crashWithLog();
    flip(segments().get(segments().size() / 2).getFileName().toString(), 300_000);
    Saved saved = salvage();
    assertFalse(saved.report().recovered());
    String notes = String.join("\n", saved.report().notes());
    assertTrue(notes.contains("RESTART WAS NOT POSSIBLE"), notes);
    assertTrue(notes.contains("cannot be read from LSN"), notes);
    assertTrue(notes.contains("did not commit"), notes);
    assertFalse(saved.tree("t").containsValue("LOSER"), "the log behind the damage tells of it");
    assertRoundsOnly(saved);
  }

  @RepeatedTest(8) // which pages are home by then differs
  void aMissingSegmentGivesWhatThereIsAndSaysSo() throws IOException {
    crashWithLog();
    Files.delete(segments().get(segments().size() / 2));
    Saved saved = salvage();
    assertFalse(saved.report().recovered());
    assertRoundsOnly(saved);
  }

  /** All that did not come out as it was committed last is named. */
  private void assertRoundsOnly(Saved saved) {
    Map<String, String> expected = Objects.requireNonNull(committed.get("t"));
    TreeMap<String, String> found = saved.tree("t");
    List<SalvageReport.Range> uncertain = saved.result("t").uncertain();
    List<SalvageReport.Range> lost = saved.result("t").lost();
    int right = 0;
    for (Map.Entry<String, String> entry : expected.entrySet()) {
      String value = found.get(entry.getKey());
      if (entry.getValue().equals(value)) {
        right++;
      } else if (value == null) {
        assertTrue(isIn(lost, entry.getKey()) || isIn(uncertain, entry.getKey()), entry::toString);
      } else {
        assertTrue(isIn(uncertain, entry.getKey()), entry + " found as " + value);
      }
    }
    assertTrue(right > 0);
    found.keySet().removeAll(expected.keySet());
    found.keySet().forEach(key -> assertTrue(isIn(uncertain, key), key));
  }

  @Test
  void aLostTailIsNotTakenForTheEndOfTheLog() throws IOException {
    crashWithLog();
    long lastIndex = crashedAtLsn / SMALL.engine().log().segmentBytes();
    String firstLost = String.format(Locale.ROOT, "log-%016x.seg", lastIndex - 1);
    for (Path segment : segments()) {
      if (segment.getFileName().toString().compareTo(firstLost) >= 0) {
        Files.delete(segment);
      }
    }
    Saved saved = salvage();
    assertFalse(saved.report().recovered());
    assertTrue(
        String.join("\n", saved.report().notes()).contains("cannot be read from LSN"),
        saved.report()::toString);
    assertRoundsOnly(saved);
  }
}
