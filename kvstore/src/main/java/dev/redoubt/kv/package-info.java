/**
 * The embeddable store: ordered keys, transactions, snapshots. It knows nothing of command lines or
 * sockets.
 */
@NullMarked
package dev.redoubt.kv;

import org.jspecify.annotations.NullMarked;
