/**
 * What must hold by ARIES, told from the bytes on disk alone. They are read by the pages of {@code
 * docs/} that define them, with none of the engine's own readers, so that an error in those cannot
 * hide itself here. {@link dev.redoubt.crash.oracle.AriesOracle} stands before a simulated disk and
 * watches what an engine does to it.
 */
@NullMarked
package dev.redoubt.crash.oracle;

import org.jspecify.annotations.NullMarked;
