/** The clients of our own store: {@link dev.redoubt.crash.store.StoreClient}, in one process. */
@NullMarked
package dev.redoubt.crash.store;

import org.jspecify.annotations.NullMarked;
