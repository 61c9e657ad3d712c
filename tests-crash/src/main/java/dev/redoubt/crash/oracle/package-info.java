/**
 * What must hold by ARIES, told from the bytes on disk alone. {@link
 * dev.redoubt.crash.oracle.RawLog} and {@link dev.redoubt.crash.oracle.RawRecord} read them by the
 * pages of {@code docs/} that define them and use none of the engine's own readers, so that an
 * error there cannot hide itself here. {@link dev.redoubt.crash.oracle.AriesOracle} stands before a
 * simulated disk and watches what an engine does to it; {@link
 * dev.redoubt.crash.oracle.LogInterpreter} says which updates count.
 */
@NullMarked
package dev.redoubt.crash.oracle;

import org.jspecify.annotations.NullMarked;
