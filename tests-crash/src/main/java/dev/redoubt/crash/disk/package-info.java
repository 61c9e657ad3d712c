/**
 * A disk in memory that can be crashed: {@link dev.redoubt.crash.disk.SimDisk} stands in for the
 * real one behind {@link dev.redoubt.io.Disk} and promises only what POSIX promises. Start there,
 * then read {@link dev.redoubt.crash.disk.CrashChoice} (what a crash makes of the unforced) and
 * {@link dev.redoubt.crash.disk.Fault} (what else can go wrong). Nothing here reads a clock or
 * draws a number that was not seeded.
 */
@NullMarked
package dev.redoubt.crash.disk;

import org.jspecify.annotations.NullMarked;
