/**
 * JMH benchmarks of the store, its parts and its peers. They are built with every build and run by
 * hand.
 */
@NullMarked
package dev.redoubt.benchmarks;

import org.jspecify.annotations.NullMarked;
