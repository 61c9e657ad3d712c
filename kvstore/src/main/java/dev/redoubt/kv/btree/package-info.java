/**
 * The B+-tree of the store: slotted pages with prefix truncation and key heads, changed only by
 * logged bodies that {@link dev.redoubt.kv.btree.TreePages} applies forward, in rollback and at
 * restart alike.
 *
 * <p>Start reading at {@link dev.redoubt.kv.btree.NodeLayout} (a page), then {@link
 * dev.redoubt.kv.btree.BTree} (what can be done), {@link dev.redoubt.kv.btree.Descent} (latches),
 * {@link dev.redoubt.kv.btree.Splitter} and {@link dev.redoubt.kv.btree.Merger} (structure changes,
 * each one atomic record). {@link dev.redoubt.kv.btree.Overflow} keeps large values in chains of
 * pages. Formats: {@code docs/format-page.md}.
 */
@NullMarked
package dev.redoubt.kv.btree;

import org.jspecify.annotations.NullMarked;
