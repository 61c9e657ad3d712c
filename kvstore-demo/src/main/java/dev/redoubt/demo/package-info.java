/** The program {@code redoubt}. It reaches the store through the API that every embedder has. */
@NullMarked
package dev.redoubt.demo;

import org.jspecify.annotations.NullMarked;
