package dev.redoubt.crash.harness;

import dev.redoubt.crash.process.PagesIn;
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
 * @param pages what its pages are in
 * @param plant a mistake to be found, or none
 */
public record ServerSettings(
    RestartMode restart, boolean directIo, PagesIn pages, ServerPlant plant) {
  private static final int FRAMES = 96;

  /** Draws all but the plant and where the pages are: in a file. */
  public static ServerSettings draw(RandomGenerator random) {
    RestartMode restart = random.nextBoolean() ? RestartMode.INSTANT : RestartMode.FULL;
    return new ServerSettings(restart, random.nextBoolean(), PagesIn.FILE, ServerPlant.NONE);
  }

  /** The same with a mistake. */
  public ServerSettings withPlant(ServerPlant changed) {
    return new ServerSettings(restart, directIo, pages, changed);
  }

  /** The same with or without direct transfers of the log. */
  public ServerSettings withDirectIo(boolean changed) {
    return new ServerSettings(restart, changed, pages, plant);
  }

  /** The same with pages in something else; a mistake of the disk needs them in a file. */
  public ServerSettings withPages(PagesIn changed) {
    return new ServerSettings(restart, directIo, changed, plant);
  }

  List<String> arguments() {
    return List.of(restart.name(), Boolean.toString(directIo), pages.name(), plant.name());
  }

  static ServerSettings parse(List<String> arguments) {
    return new ServerSettings(
        RestartMode.valueOf(arguments.get(0)),
        Boolean.parseBoolean(arguments.get(1)),
        PagesIn.valueOf(arguments.get(2)),
        ServerPlant.valueOf(arguments.get(3)));
  }

  StoreOptions options() {
    StoreOptions defaults = StoreOptions.defaults().withConflictWait(Duration.ofSeconds(2));
    return defaults
        .withEngine(
            defaults
                .engine()
                .withPageSize(4096)
                .withFrames(FRAMES)
                .withPages(pages.kind())
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
