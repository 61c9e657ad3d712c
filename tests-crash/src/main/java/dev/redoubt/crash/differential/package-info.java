/**
 * The same operations on several stores, one after the other, each answer compared. Start at {@link
 * dev.redoubt.crash.differential.Differential}; write an {@link
 * dev.redoubt.crash.differential.OrderedStore} for a store of your own.
 */
@NullMarked
package dev.redoubt.crash.differential;

import org.jspecify.annotations.NullMarked;
