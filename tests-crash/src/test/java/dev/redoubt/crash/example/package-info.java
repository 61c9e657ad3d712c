/**
 * The worked example of docs/testing.md: a small key-value log with three bugs, and how the library
 * finds one after the other. Start at {@link dev.redoubt.crash.example.KeyValueWorkload}.
 */
@NullMarked
package dev.redoubt.crash.example;

import org.jspecify.annotations.NullMarked;
