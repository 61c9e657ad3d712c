package dev.redoubt.recovery;

import dev.redoubt.wal.LogOptions;
import java.time.Duration;

/**
 * How an engine is set up.
 *
 * @param createIfMissing whether an empty or missing store is created
 * @param pageSize 4096 to 65536, a power of two; fixed at creation; 0 takes what the store has, or
 *     8192 for a new one
 * @param frames pages held in memory
 * @param log settings of the log; the segment size counts at creation only
 * @param checkpointBytes a checkpoint is taken after so many bytes of log
 * @param checkpointInterval and after so much time
 * @param targetRestartTime restart time wanted; the cleaner is paced by it
 * @param doubleWrite whether pages are protected against torn writes
 * @param background whether threads for cleaning, checkpoints and the log run
 */
public record EngineOptions(
    boolean createIfMissing,
    int pageSize,
    int frames,
    LogOptions log,
    long checkpointBytes,
    Duration checkpointInterval,
    Duration targetRestartTime,
    boolean doubleWrite,
    boolean background) {
  public static EngineOptions defaults() {
    return new EngineOptions(
        true,
        0,
        8192,
        LogOptions.defaults(),
        64L << 20,
        Duration.ofSeconds(30),
        Duration.ofSeconds(2),
        true,
        true);
  }
}
