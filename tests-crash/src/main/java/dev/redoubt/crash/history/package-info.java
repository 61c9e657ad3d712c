/**
 * Histories: what clients asked of a store and what they were told, in the order in which it
 * happened. {@link dev.redoubt.crash.history.Recorder} records one, {@link
 * dev.redoubt.crash.history.HistoryFile} keeps it on disk in the form of Jepsen, {@link
 * dev.redoubt.crash.history.History} gives it to a checker as transactions. Nothing in here knows
 * which store it was.
 */
@NullMarked
package dev.redoubt.crash.history;

import org.jspecify.annotations.NullMarked;
