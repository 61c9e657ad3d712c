/**
 * Opening of stores, and restart as a person sees it: {@link Stores} opens, {@link RestartScreen}
 * shows the three phases as they go, {@link RestartText} says what they did.
 */
@NullMarked
package dev.redoubt.demo.store;

import org.jspecify.annotations.NullMarked;
