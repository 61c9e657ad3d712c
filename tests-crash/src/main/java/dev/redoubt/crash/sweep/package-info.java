/**
 * The crash sweep: crash a run at every call it makes to the disk, in every way the disk allows,
 * recover, judge; crash the recoveries too. Start at {@link dev.redoubt.crash.sweep.Sweep}. To
 * sweep an engine of your own, write a {@link dev.redoubt.crash.sweep.Workload} for it.
 */
@NullMarked
package dev.redoubt.crash.sweep;

import org.jspecify.annotations.NullMarked;
