package dev.redoubt.crash.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.kv.Store;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What takes long in a program that has just begun, and is not needed, is left until it is. */
class LeanOpeningTest {
  private static final Duration TARGET = Duration.ofSeconds(2);

  @TempDir Path folder;

  @Test
  void openingLoadsNoFlightRecorderEventUnlessThereIsARecorder() throws IOException {
    Store.open(folder.resolve("store"), SteadyWriter.options(TARGET)).close();
    assertEquals(List.of(), eventsLoadedByOpening());
    List<String> recorded = eventsLoadedByOpening("-XX:StartFlightRecording:dumponexit=false");
    assertTrue(recorded.contains("dev.redoubt.recovery.RestartEvent"), recorded::toString);
  }

  private List<String> eventsLoadedByOpening(String... options) throws IOException {
    Path classes = folder.resolve("classes");
    List<String> all = new ArrayList<>(List.of(options));
    all.add("-Xlog:class+load:file=" + classes + ":none");
    Path store = folder.resolve("store");
    try (ChildJvm opener =
        ChildJvm.start(all, SteadyWriter.class, "" + store, "" + TARGET.toMillis(), "open")) {
      assertNotNull(opener.readLine());
      while (opener.readLine() != null) {
        // The recorder speaks, too.
      }
    }
    return Files.readAllLines(classes).stream()
        .map(line -> line.split(" ", 2)[0])
        .filter(name -> name.startsWith("dev.redoubt.") && name.endsWith("Event"))
        .toList();
  }
}
