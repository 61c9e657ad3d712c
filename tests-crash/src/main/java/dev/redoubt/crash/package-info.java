/**
 * Crash tests as a library: simulated disk, deterministic simulation, workloads, history checkers.
 * Its own suites, under {@code src/test}, run it on this engine.
 */
@NullMarked
package dev.redoubt.crash;

import org.jspecify.annotations.NullMarked;
