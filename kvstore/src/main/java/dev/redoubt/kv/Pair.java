package dev.redoubt.kv;

import org.jspecify.annotations.Nullable;

/** Two values; a key of two parts with {@link Codecs#pair}. */
public record Pair<A extends @Nullable Object, B extends @Nullable Object>(A first, B second) {}
