/**
 * The embeddable store: ordered keys, transactions, snapshots. It knows nothing of command lines or
 * sockets.
 *
 * <p>Isolation is multi-version, with the versions in memory beside the trees: {@code KeyTable}
 * holds them, {@code CommitOrder} orders commits, {@code VersionKeeper} lets versions go, {@code
 * TransactionReads} validates what was read. The decision "Multi-version isolation" in {@code
 * docs/decisions} walks a write through them and names the races.
 */
@NullMarked
package dev.redoubt.kv;

import org.jspecify.annotations.NullMarked;
