package dev.redoubt.wal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.Collections;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LogExampleTest {
  @TempDir Path directory;

  @Test
  void theExampleOfTheDocumentationRuns() {
    for (int before = 0; before < 3; before++) {
      assertEquals(
          Collections.nCopies(before, "ann gives bob 30"), LogExample.appendAndReplay(directory));
    }
  }
}
