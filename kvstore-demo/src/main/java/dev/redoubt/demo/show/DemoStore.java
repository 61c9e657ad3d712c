package dev.redoubt.demo.show;

import dev.redoubt.io.Environment;
import dev.redoubt.io.RealDisk;
import dev.redoubt.kv.Codecs;
import dev.redoubt.kv.Store;
import dev.redoubt.kv.StoreOptions;
import dev.redoubt.kv.TreeDef;
import dev.redoubt.recovery.EngineOptions;
import dev.redoubt.recovery.RecoveryListener;
import dev.redoubt.recovery.RestartMode;
import dev.redoubt.wal.LogOptions;
import java.nio.file.Path;
import java.time.Duration;

/** The store of the demonstration. */
public final class DemoStore {
  static final TreeDef<String, String> CITIES = TreeDef.of("cities", Codecs.UTF_8, Codecs.UTF_8);
  static final TreeDef<String, String> TRANSACTIONS =
      TreeDef.of("transactions", Codecs.UTF_8, Codecs.UTF_8);

  // Smaller than the data, so that pages of open transactions reach the disk: undo must be real.
  private static final int FRAMES = 1024;
  private static final int SEGMENT_BYTES = 4 << 20;
  private static final long CHECKPOINT_BYTES = 4 << 20;

  private DemoStore() {}

  /** Opens it, or creates it. */
  public static Store open(Path directory, RecoveryListener listener) {
    EngineOptions engine =
        StoreOptions.defaults()
            .engine()
            .withRestart(RestartMode.FULL) // the three phases are what it shows
            .withFrames(FRAMES)
            .withLog(LogOptions.defaults().withSegmentBytes(SEGMENT_BYTES))
            .withCheckpoints(CHECKPOINT_BYTES, Duration.ofSeconds(1));
    return Store.open(
        RealDisk.create(directory),
        Environment.system(),
        StoreOptions.defaults().withEngine(engine),
        listener);
  }
}
