package dev.redoubt.kv.btree;

import java.nio.ByteBuffer;

/**
 * What a leaf holds for a key, copied out of the page.
 *
 * @param ghost whether the key has been deleted and only its old value is kept, for undo
 * @param overflow whether {@code value} is a reference for {@link Overflow#read}
 * @param value bytes of the value or of the reference; the receiver's own
 */
@SuppressWarnings("ArrayRecordComponent") // bytes of a value; never compared as a whole
public record Cell(boolean ghost, boolean overflow, byte[] value) {
  /**
   * The cell with a number that is larger by {@code delta}, which wraps around.
   *
   * @throws IllegalArgumentException if it holds no number
   */
  public Cell plus(long delta) {
    if (delta == 0) {
      return this;
    }
    if (overflow || value.length != Long.BYTES) {
      throw new IllegalArgumentException(
          "a number has %d bytes, this value %d".formatted(Long.BYTES, value.length));
    }
    ByteBuffer sum = ByteBuffer.allocate(Long.BYTES);
    sum.putLong(ByteBuffer.wrap(value).getLong() + delta);
    return new Cell(ghost, false, sum.array());
  }
}
