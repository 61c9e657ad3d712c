/**
 * Deterministic simulation of a whole engine: all its threads, its clients, its clock and its disk
 * run on one scheduler that draws every decision from one seed. A seed that fails runs again to the
 * same byte.
 *
 * <p>Another engine is simulated by implementing {@link dev.redoubt.crash.sim.SimSubject} and
 * giving it to {@link dev.redoubt.crash.sim.SimRuns}; it must take its threads, clock and random
 * numbers from an {@link dev.redoubt.io.Environment} and its files from a {@link
 * dev.redoubt.io.Disk}. {@link dev.redoubt.crash.sim.SimJvm} prepares the JVM, {@link
 * dev.redoubt.crash.sim.Simulation} is one scheduler with its clock. Bound to the internals of JDK
 * 25; {@code docs/testing.md} says how it is done and what it cannot interleave.
 */
@NullMarked
package dev.redoubt.crash.sim;

import org.jspecify.annotations.NullMarked;
