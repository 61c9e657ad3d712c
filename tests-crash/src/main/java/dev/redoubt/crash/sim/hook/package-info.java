/**
 * What rewritten code calls. Put on the boot class path by {@link dev.redoubt.crash.sim.SimJvm}, so
 * that classes of the JDK can call it too; it knows nothing but the JDK.
 */
@NullMarked
package dev.redoubt.crash.sim.hook;

import org.jspecify.annotations.NullMarked;
