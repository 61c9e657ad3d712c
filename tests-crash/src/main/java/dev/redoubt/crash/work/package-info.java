/**
 * What is swept: the log by itself, the recovery engine, the store, each behind one small interface
 * ({@link dev.redoubt.crash.work.Subject}) that another engine can implement, driven by one seeded
 * script; and mistakes to plant ({@link dev.redoubt.crash.work.PlantedDisk}).
 */
@NullMarked
package dev.redoubt.crash.work;

import org.jspecify.annotations.NullMarked;
