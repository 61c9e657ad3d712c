/** Programs that show how to use the engine without a store on top. */
@NullMarked
package dev.redoubt.recovery.example;

import org.jspecify.annotations.NullMarked;
