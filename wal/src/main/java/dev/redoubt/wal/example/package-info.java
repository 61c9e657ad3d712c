/** A program that shows how to use the log alone: a journal of events with replay. */
@NullMarked
package dev.redoubt.wal.example;

import org.jspecify.annotations.NullMarked;
