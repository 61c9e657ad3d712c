package dev.redoubt.recovery.example;

import dev.redoubt.io.Disk;
import dev.redoubt.io.DiskFile;
import dev.redoubt.io.Environment;
import dev.redoubt.io.RealDisk;
import dev.redoubt.recovery.Engine;
import dev.redoubt.recovery.EngineOptions;
import dev.redoubt.recovery.RecoverableMemory;
import dev.redoubt.recovery.RecoveryListener;
import dev.redoubt.recovery.Transaction;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * A long computation that survives kill -9: heat spreads over a square plate, and every so many
 * steps are a transaction. Killed at any moment and started again it goes on behind its last
 * committed step, and ends with the bits of a run that was never killed.
 *
 * <p>A commit writes the rows that changed, so making it durable costs what changed and not the
 * whole state; the program measures both and prints how often it would pay to do either.
 *
 * <p>{@code main(dir, steps, side, seconds between failures, steps a commit)}; by default 1000
 * steps of 256 by 256 cells, a failure a day, and each step a commit. A side of 2048 is 32 MiB.
 * Confined to one thread.
 */
public final class HeatSimulation {
  private static final ValueLayout.OfDouble CELL =
      ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong STEP =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** The number of the last step stands in front of the plate. */
  private static final int PLATE = 8;

  private static final String WHOLE_STATE = "whole-state";
  private static final double HEATED = 100.0;
  private static final double CONDUCTIVITY = 0.2;

  private final Engine engine;
  private final RecoverableMemory memory;
  private final int side;
  private final int stepsEach;
  private final MemorySegment next;
  private final MemorySegment plate;
  private final MemorySegment durable;
  private final long pagesBefore;
  private long step;
  private long computeNanos;
  private long steps;
  private long commitNanos;
  private long logBytes;
  private long commits;

  /** The same with a commit after each step. */
  public HeatSimulation(Engine engine, int side) {
    this(engine, side, 1);
  }

  /**
   * Takes up the computation that {@code engine} holds, or begins it.
   *
   * @param stepsEach a commit is made whenever the number of steps is a multiple of this
   */
  public HeatSimulation(Engine engine, int side, int stepsEach) {
    if (stepsEach < 1) {
      throw new IllegalArgumentException("a commit after " + stepsEach + " steps");
    }
    this.engine = engine;
    this.side = side;
    this.stepsEach = stepsEach;
    long bytes = PLATE + 8L * side * side;
    this.memory = RecoverableMemory.open(engine, "heat-" + side, bytes);
    this.plate = MemorySegment.ofArray(new byte[Math.toIntExact(bytes)]);
    this.next = MemorySegment.ofArray(new byte[Math.toIntExact(bytes)]);
    this.durable = MemorySegment.ofArray(new byte[Math.toIntExact(bytes)]);
    this.pagesBefore = engine.pool().stats().pagesWritten();
    memory.read(0, plate);
    durable.copyFrom(plate);
    this.step = plate.get(STEP, 0);
  }

  /** Steps computed so far; at return of {@link #runTo} they are durable. */
  public long step() {
    return step;
  }

  /** Runs up to and including step {@code last}, which is durable at return, as those before. */
  public void runTo(long last) {
    while (step < last) {
      long startNanos = engine.environment().nanoTime();
      computeNext();
      plate.copyFrom(next);
      step++;
      steps++;
      computeNanos += engine.environment().nanoTime() - startNanos;
      if (step % stepsEach == 0 || step == last) {
        commit();
      }
    }
  }

  private void commit() {
    Transaction transaction = engine.begin();
    long startNanos = engine.environment().nanoTime();
    long startBytes = engine.log().stats().recordBytes();
    writeChanges(transaction);
    engine.log().force(transaction.commit());
    transaction.end();
    commitNanos += engine.environment().nanoTime() - startNanos;
    logBytes += engine.log().stats().recordBytes() - startBytes;
    commits++;
    durable.copyFrom(plate);
  }

  private void writeChanges(Transaction transaction) {
    memory.write(transaction, 0, plate.asSlice(0, PLATE));
    long rowBytes = 8L * side;
    for (long from = PLATE; from < plate.byteSize(); from += rowBytes) {
      long to = from + rowBytes;
      if (MemorySegment.mismatch(durable, from, to, plate, from, to) >= 0) {
        memory.write(transaction, from, plate.asSlice(from, rowBytes));
      }
    }
  }

  /**
   * What making something durable takes.
   *
   * @param bytes written at once: a file, or records of the log
   * @param pageBytes written behind it, in pages, besides their copies against torn writes
   */
  public record Cost(Duration time, long bytes, long pageBytes) {}

  /** Of one commit, on average since this was made; zeros before the first. */
  public Cost commitCost() {
    long made = Math.max(1, commits);
    long pages = engine.pool().stats().pagesWritten() - pagesBefore;
    return new Cost(
        Duration.ofNanos(commitNanos / made),
        logBytes / made,
        pages * engine.pool().pageSize() / made);
  }

  /** What computing one step takes, on average since this was made; zero before the first. */
  public Duration stepTime() {
    return Duration.ofNanos(computeNanos / Math.max(1, steps));
  }

  /** Writes the whole state to a file of its own, forces it, and deletes it again. */
  public Cost wholeStateCost(Disk disk) {
    long startNanos = engine.environment().nanoTime();
    try (DiskFile file = disk.open(WHOLE_STATE, Disk.Access.CREATE, Disk.Caching.BUFFERED)) {
      file.write(plate.asByteBuffer(), 0);
      file.force();
    }
    Duration time = Duration.ofNanos(engine.environment().nanoTime() - startNanos);
    disk.delete(WHOLE_STATE);
    return new Cost(time, plate.byteSize(), 0);
  }

  /** In words: what a commit and the whole state cost, and how often to pay for it. */
  public static String report(
      Cost commit, Cost whole, Duration stepTime, Duration betweenFailures) {
    double failures = betweenFailures.toNanos() / 1e9;
    double ours = commit.time().toNanos() / 1e9;
    double theirs = whole.time().toNanos() / 1e9;
    return String.format(
        Locale.ROOT,
        """
        a commit: %.3f ms, %.2f MB of log, and %.2f MB of pages behind it
        the whole state: %.3f ms, %.2f MB
        with a failure every %.0f s, least is lost with a commit every
          %.1f s (Young 1974), %.1f s (Daly 2006), or %,.0f steps: %.1f %% lost
        writing the whole state instead: %.1f s (Young), %.1f s (Daly): %.1f %% lost\
        """,
        ours * 1e3,
        commit.bytes() / 1e6,
        commit.pageBytes() / 1e6,
        theirs * 1e3,
        whole.bytes() / 1e6,
        failures,
        CheckpointInterval.young(ours, failures),
        CheckpointInterval.daly(ours, failures),
        Math.max(
            1, CheckpointInterval.young(ours, failures) * 1e9 / Math.max(1, stepTime.toNanos())),
        100 * CheckpointInterval.lost(CheckpointInterval.young(ours, failures), ours, failures),
        CheckpointInterval.young(theirs, failures),
        CheckpointInterval.daly(theirs, failures),
        100
            * CheckpointInterval.lost(
                CheckpointInterval.young(theirs, failures), theirs, failures));
  }

  private void computeNext() {
    next.set(STEP, 0, step + 1);
    for (int row = 0; row < side; row++) {
      for (int column = 0; column < side; column++) {
        next.set(CELL, at(row, column), heat(row, column));
      }
    }
  }

  private double heat(int row, int column) {
    if (row == 0) {
      return HEATED;
    }
    double here = cell(row, column);
    double around =
        cell(row - 1, column)
            + cell(row + 1, column)
            + cell(row, column - 1)
            + cell(row, column + 1);
    return here + CONDUCTIVITY * (around - 4 * here);
  }

  private double cell(int row, int column) {
    boolean inside = row >= 0 && row < side && column >= 0 && column < side;
    return inside ? plate.get(CELL, at(row, column)) : 0;
  }

  private long at(int row, int column) {
    return PLATE + 8L * ((long) row * side + column);
  }

  /** A number that differs when any bit of the plate does. */
  public long fingerprint() {
    long hash = step;
    for (long at = PLATE; at < plate.byteSize(); at += 8) {
      hash = hash * 1_000_003 + plate.get(STEP, at);
    }
    return hash;
  }

  /** Runs it in a folder; kill it and run it again. */
  public static void main(String[] args) {
    Path folder = Path.of(args.length > 0 ? args[0] : "heat");
    long steps = args.length > 1 ? Long.parseLong(args[1]) : 1000;
    int side = args.length > 2 ? Integer.parseInt(args[2]) : 256;
    Duration betweenFailures =
        args.length > 3 ? Duration.ofSeconds(Long.parseLong(args[3])) : Duration.ofDays(1);
    int stepsEach = args.length > 4 ? Integer.parseInt(args[4]) : 1;
    try (Disk disk = RealDisk.create(folder);
        Engine engine =
            Engine.open(
                disk,
                Environment.system(),
                EngineOptions.defaults(),
                List.of(),
                RecoveryListener.NONE)) {
      HeatSimulation simulation = new HeatSimulation(engine, side, stepsEach);
      System.out.println("at step " + simulation.step() + " of " + steps);
      int each = Math.max(100, stepsEach);
      for (long to = simulation.step() + each; simulation.step() < steps; to += each) {
        simulation.runTo(Math.min(to, steps));
        System.out.println(
            "step " + simulation.step() + " fingerprint " + simulation.fingerprint());
      }
      if (simulation.commits > 0) {
        System.out.println(
            report(
                simulation.commitCost(),
                simulation.wholeStateCost(disk),
                simulation.stepTime(),
                betweenFailures));
      }
    }
  }
}
