package dev.redoubt.kv;

import org.jspecify.annotations.Nullable;

/**
 * A tree of which something was saved.
 *
 * @param id that its pages carry
 * @param name null if the catalog's entry of it is lost
 * @param keyCodec name of the codec of its keys; null if it is lost
 * @param valueCodec name of the codec of its values; null if it is lost
 */
public record SalvagedTree(
    int id, @Nullable String name, @Nullable String keyCodec, @Nullable String valueCodec) {
  /** Its name, or its id where there is none. */
  public String label() {
    return name == null ? "tree-" + id : name;
  }
}
