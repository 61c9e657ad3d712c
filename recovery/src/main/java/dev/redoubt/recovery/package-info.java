/**
 * Transactions, checkpoints and restart as in ARIES: analysis, redo, undo. It knows nothing of keys
 * or trees: components register resource managers.
 */
@NullMarked
package dev.redoubt.recovery;

import org.jspecify.annotations.NullMarked;
