package dev.redoubt.kv;

import org.jspecify.annotations.Nullable;

/** Three values; a key of three parts with {@link Codecs#triple}. */
public record Triple<
    A extends @Nullable Object, B extends @Nullable Object, C extends @Nullable Object>(
    A first, B second, C third) {}
