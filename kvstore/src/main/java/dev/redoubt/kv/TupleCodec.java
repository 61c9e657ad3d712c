package dev.redoubt.kv;

import java.util.List;

/**
 * A codec of values that have components, ordered by the first, then by the second, and so on. Made
 * by {@link Codecs#pair}, {@link Codecs#triple} and {@link Codecs#record}.
 */
public interface TupleCodec<T> extends Codec<T> {
  /** Codecs of the components, in order. */
  List<Codec<?>> components();

  /**
   * The range of all values whose first components are these: all orders of one customer, say, in a
   * tree by customer and date.
   *
   * @param first values of the first components, fewer than there are components
   * @throws IllegalArgumentException if there are too many
   * @throws ClassCastException if one is of another type than its component
   */
  KeyRange<T> startingWith(Object... first);
}
