/**
 * Bugs planted into an engine, to show that a crash suite finds them. A {@link
 * dev.redoubt.crash.plant.PlantedBug} is a few {@linkplain dev.redoubt.crash.plant.Patch patches}
 * of compiled methods: a call left out, a branch turned round, a call sent elsewhere. {@link
 * dev.redoubt.crash.plant.PlantingLoader} loads the engine again with them, beside the real one, so
 * the engine's own code knows nothing of all this and pays nothing for it. Start at {@link
 * dev.redoubt.crash.plant.PlantingLoader}.
 */
@NullMarked
package dev.redoubt.crash.plant;

import org.jspecify.annotations.NullMarked;
