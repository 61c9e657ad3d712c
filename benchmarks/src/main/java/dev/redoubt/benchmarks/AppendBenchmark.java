package dev.redoubt.benchmarks;

import dev.redoubt.io.Environment;
import dev.redoubt.io.RealDisk;
import dev.redoubt.wal.Log;
import dev.redoubt.wal.LogOptions;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * An append to the log that nobody waits for, the disk behind it.
 *
 * <pre>
 *   java -jar benchmarks/target/benchmarks.jar jmh AppendBenchmark -prof gc -t 2
 * </pre>
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class AppendBenchmark {
  private static final int RECORD_BYTES = 150;

  private final MemorySegment record = Arena.ofAuto().allocate(RECORD_BYTES);
  private Path dir;
  private RealDisk disk;
  private Log log;

  /** Makes a log. */
  @Setup
  public void open() throws IOException {
    dir = Files.createTempDirectory("redoubt-append");
    disk = RealDisk.open(dir);
    log = Log.create(disk, Environment.system(), LogOptions.defaults(), new byte[0]);
    log.startAppending();
  }

  /** Gives the segments back. */
  @Setup(Level.Iteration)
  public void recycle() {
    long checkpoint = log.append(record, 0, RECORD_BYTES);
    log.forceAll();
    log.writeMaster(checkpoint, checkpoint, false);
    log.truncate();
  }

  /** Closes and deletes the log. */
  @TearDown
  public void close() throws IOException {
    log.close();
    disk.close();
    WorkDirectory.delete(dir);
  }

  /** One record. */
  @Benchmark
  public long append() {
    return log.append(record, 0, RECORD_BYTES);
  }
}
