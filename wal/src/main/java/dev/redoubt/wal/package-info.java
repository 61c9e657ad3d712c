/** A log of opaque records addressed by LSN. It knows nothing of pages or transactions. */
@NullMarked
package dev.redoubt.wal;

import org.jspecify.annotations.NullMarked;
