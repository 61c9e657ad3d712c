package dev.redoubt.wal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LogExampleTest {
  @TempDir Path directory;

  @Test
  void theExampleOfTheDocumentationRuns() {
    assertEquals(List.of(), LogExample.appendAndReplay(directory, "one"));
    assertEquals(List.of("one"), LogExample.appendAndReplay(directory, "two"));
    assertEquals(List.of("one", "two"), LogExample.appendAndReplay(directory, "three"));
  }
}
