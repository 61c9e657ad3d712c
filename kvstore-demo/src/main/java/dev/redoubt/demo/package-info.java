/**
 * The program {@code redoubt}. It reaches the store through the API that every embedder has. {@link
 * dev.redoubt.demo.Main} starts it; the commands are in {@code dev.redoubt.demo.command}.
 */
@NullMarked
package dev.redoubt.demo;

import org.jspecify.annotations.NullMarked;
