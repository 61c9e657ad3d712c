/**
 * A write-ahead log of opaque records addressed by LSN. It knows nothing of pages or transactions,
 * depends on nothing but the JDK, and can be used alone:
 *
 * {@snippet class="dev.redoubt.wal.LogExample" region="example"}
 *
 * <p>{@link dev.redoubt.wal.example.AccountJournal} is a whole program of that kind.
 *
 * <p>Owns I-2 (a force returns only when the record is durable), I-3 (a forced block is never
 * written again), I-7 (truncation passes no holder) and I-9 (nothing after a failed force is
 * acknowledged) of {@code docs/invariants.md}. The format on disk is {@code docs/format-log.md}.
 *
 * <p>Start reading at {@link dev.redoubt.wal.Log}; then {@code Appender} (how a record gets its
 * place), {@code Forcer} and {@code BatchWriter} (how it becomes durable), {@link
 * dev.redoubt.wal.LogOpening}, {@code LogOpener} and {@code EndOfLog} (where a log ends after a
 * crash); {@link dev.redoubt.wal.LogFollowers} (change feeds and replicas).
 */
@NullMarked
package dev.redoubt.wal;

import org.jspecify.annotations.NullMarked;
