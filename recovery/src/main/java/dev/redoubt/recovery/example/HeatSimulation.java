package dev.redoubt.recovery.example;

import dev.redoubt.io.Disk;
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
import java.util.List;

/**
 * A long computation that survives kill -9: heat spreads over a square plate, and every step is a
 * transaction. Killed at any moment and started again it goes on behind its last committed step,
 * and ends with the bits of a run that was never killed.
 *
 * <p>{@code main(dir, steps, side)}; steps and side default to 1000 and 256. Confined to one
 * thread.
 */
public final class HeatSimulation {
  private static final ValueLayout.OfDouble CELL =
      ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong STEP =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** The number of the last step stands in front of the plate. */
  private static final int PLATE = 8;

  private static final double HEATED = 100.0;
  private static final double CONDUCTIVITY = 0.2;

  private final Engine engine;
  private final RecoverableMemory memory;
  private final int side;
  private final MemorySegment next;
  private final MemorySegment plate;
  private long step;

  /** Takes up the computation that {@code engine} holds, or begins it. */
  public HeatSimulation(Engine engine, int side) {
    this.engine = engine;
    this.side = side;
    long bytes = PLATE + 8L * side * side;
    this.memory = RecoverableMemory.open(engine, "heat-" + side, bytes);
    this.plate = MemorySegment.ofArray(new byte[Math.toIntExact(bytes)]);
    this.next = MemorySegment.ofArray(new byte[Math.toIntExact(bytes)]);
    memory.read(0, plate);
    this.step = plate.get(STEP, 0);
  }

  /** Steps committed so far. */
  public long step() {
    return step;
  }

  /** Runs up to and including step {@code last}; each is durable before the next begins. */
  public void runTo(long last) {
    while (step < last) {
      computeNext();
      Transaction transaction = engine.begin();
      memory.write(transaction, 0, next);
      engine.log().force(transaction.commit());
      transaction.end();
      plate.copyFrom(next);
      step++;
    }
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
    try (Disk disk = RealDisk.create(folder);
        Engine engine =
            Engine.open(
                disk,
                Environment.system(),
                EngineOptions.defaults(),
                List.of(),
                RecoveryListener.NONE)) {
      HeatSimulation simulation = new HeatSimulation(engine, side);
      System.out.println("at step " + simulation.step() + " of " + steps);
      for (long to = simulation.step() + 100; simulation.step() < steps; to += 100) {
        simulation.runTo(Math.min(to, steps));
        System.out.println(
            "step " + simulation.step() + " fingerprint " + simulation.fingerprint());
      }
    }
  }
}
