/**
 * Stores as resource managers of a transaction manager (X/Open XA, JTA): {@link
 * dev.redoubt.kv.xa.XaStore} makes {@code XAResource}s whose branches are the store's transactions.
 * A branch that has been prepared is one of the store's prepared transactions and survives crashes
 * as such (store rule 12).
 */
@NullMarked
package dev.redoubt.kv.xa;

import org.jspecify.annotations.NullMarked;
