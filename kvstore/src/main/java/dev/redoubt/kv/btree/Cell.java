package dev.redoubt.kv.btree;

/**
 * What a leaf holds for a key, copied out of the page.
 *
 * @param ghost whether the key has been deleted and only its old value is kept, for undo
 * @param overflow whether {@code value} is a reference for {@link Overflow#read}
 * @param value bytes of the value or of the reference; the receiver's own
 */
@SuppressWarnings("ArrayRecordComponent") // bytes of a value; never compared as a whole
public record Cell(boolean ghost, boolean overflow, byte[] value) {}
