package dev.redoubt.kv;

import dev.redoubt.io.Disk;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the guide shows of settings; {@link GuideSettingsTest} runs it, {@link GuideTest} compares.
 */
final class GuideSettingsExample {
  private final List<String> printed = new ArrayList<>();

  /** What the example has printed. */
  List<String> printed() {
    return printed;
  }

  private void print(@Nullable Object line) {
    printed.add(String.valueOf(line));
  }

  void settings(Path directory) {
    // region settings
    StoreOptions defaults = StoreOptions.defaults();
    StoreOptions options =
        defaults.withEngine(
            defaults
                .engine()
                .withFrames(1 << 16) // 512 MiB of pages in memory
                .withPageCaching(Disk.Caching.DIRECT) // and not once more in the system's cache
                .withTargetRestartTime(Duration.ofSeconds(5)));
    try (Store store = Store.open(directory, options)) {
      print(store.stats().restart().wanted()); // PT5S
    }
    // end
  }
}
