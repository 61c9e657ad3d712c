/**
 * A page store that keeps pages as values in RocksDB, for those who want them compressed and
 * checksummed once more, and written without a double-write file. RocksDB's own log is off: the
 * order of rule 10 makes ours enough. Start at {@link RocksDbPages}; {@code docs/format-page.md} is
 * the law for the keys.
 */
@NullMarked
package dev.redoubt.buffer.rocksdb;

import org.jspecify.annotations.NullMarked;
