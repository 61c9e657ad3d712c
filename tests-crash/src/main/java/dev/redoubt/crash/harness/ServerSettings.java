package dev.redoubt.crash.harness;

import dev.redoubt.kv.StoreOptions;
import dev.redoubt.recovery.RestartMode;
import java.time.Duration;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * How a {@link StoreServer} opens its store: small frames and segments, so that pages are stolen
 * and segments recycled in seconds.
 *
 * @param restart whether it answers while restart goes on
 * @param directIo whether the log goes past the cache of the operating system; without, a power cut
 *     takes more
 * @param plant a mistake to be found, or none
 */
public record ServerSettings(RestartMode restart, boolean directIo, ServerPlant plant) {
  private static final int FRAMES = 96;

  /** Draws all but the plant. */
  public static ServerSettings draw(RandomGenerator random) {
    RestartMode restart = random.nextBoolean() ? RestartMode.INSTANT : RestartMode.FULL;
    return new ServerSettings(restart, random.nextBoolean(), ServerPlant.NONE);
  }

  /** The same with a mistake. */
  public ServerSettings withPlant(ServerPlant changed) {
    return new ServerSettings(restart, directIo, changed);
  }

  /** The same with or without direct transfers of the log. */
  public ServerSettings withDirectIo(boolean changed) {
    return new ServerSettings(restart, changed, plant);
  }

  List<String> arguments() {
    return List.of(restart.name(), Boolean.toString(directIo), plant.name());
  }

  static ServerSettings parse(List<String> arguments) {
    return new ServerSettings(
        RestartMode.valueOf(arguments.get(0)),
        Boolean.parseBoolean(arguments.get(1)),
        ServerPlant.valueOf(arguments.get(2)));
  }

  StoreOptions options() {
    StoreOptions defaults = StoreOptions.defaults().withConflictWait(Duration.ofSeconds(2));
    return defaults
        .withEngine(
            defaults
                .engine()
                .withPageSize(4096)
                .withFrames(FRAMES)
                .withLog(
                    defaults
                        .engine()
                        .log()
                        .withSegmentBytes(1 << 20)
                        .withBuffers(4, 64 << 10)
                        .withDirectIo(directIo))
                .withCheckpoints(512 << 10, Duration.ofMillis(200)))
        .withRestart(restart);
  }
}
