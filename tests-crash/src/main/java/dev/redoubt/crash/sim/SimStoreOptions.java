package dev.redoubt.crash.sim;

import dev.redoubt.kv.StoreOptions;
import dev.redoubt.recovery.EngineOptions;
import dev.redoubt.recovery.RestartMode;
import dev.redoubt.wal.LogOptions;
import java.time.Duration;
import java.util.SplittableRandom;

/**
 * Options of simulated stores: small, so that everything happens often; other ones in each life,
 * but for the page size.
 */
final class SimStoreOptions {
  private final SplittableRandom random;
  private final int pageSize;

  SimStoreOptions(SplittableRandom random) {
    this.random = random;
    this.pageSize = random.nextInt(4) == 0 ? 8192 : 4096;
  }

  /** Options for one life. */
  StoreOptions draw() {
    LogOptions log =
        LogOptions.defaults()
            .withSegmentBytes(64 << 10)
            .withBuffers(2 + random.nextInt(2), 4 * pageSize)
            .withAsyncForceInterval(Duration.ofMillis(1 + random.nextInt(20)));
    EngineOptions engine =
        EngineOptions.defaults()
            .withPageSize(pageSize)
            .withFrames(24 + random.nextInt(60))
            .withLog(log)
            .withCheckpoints(
                1L << random.nextInt(15, 22), Duration.ofMillis(1L << random.nextInt(5, 15)))
            .withTargetRestartTime(Duration.ofMillis(1L << random.nextInt(3, 12)))
            .withRestart(random.nextInt(3) == 0 ? RestartMode.FULL : RestartMode.INSTANT);
    return StoreOptions.defaults().withEngine(engine);
  }
}
