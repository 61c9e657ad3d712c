package dev.redoubt.kv;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the guide shows of settings does what its comments say. */
final class GuideSettingsTest {
  @Test
  void theExampleDoesWhatItsCommentsSay(@TempDir Path dir) {
    GuideSettingsExample example = new GuideSettingsExample();
    example.settings(dir.resolve("store"));
    assertEquals(List.of("PT5S"), example.printed());
  }
}
