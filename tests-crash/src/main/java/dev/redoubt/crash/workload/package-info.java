/**
 * Workloads: what clients do to a store so that a checker can tell afterwards whether it kept its
 * promises. A store is reached through {@link dev.redoubt.crash.workload.Client} alone; write one
 * for yours. {@link dev.redoubt.crash.workload.ClientLoop} runs a {@link
 * dev.redoubt.crash.workload.Workload} on it and records the history; {@link
 * dev.redoubt.crash.workload.Workloads} lists them.
 */
@NullMarked
package dev.redoubt.crash.workload;

import org.jspecify.annotations.NullMarked;
