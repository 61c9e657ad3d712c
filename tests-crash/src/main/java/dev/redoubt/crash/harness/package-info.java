/**
 * A store behind a server that is killed, paused, cut off, starved of disk and memory, and has its
 * power cut, while clients talk to it; what they were told is a history that checkers judge. Start
 * reading at {@link dev.redoubt.crash.harness.HarnessRun}. What a server runs in is a {@link
 * dev.redoubt.crash.harness.Target}: a process ({@link dev.redoubt.crash.harness.ProcessTarget}),
 * or a container.
 */
@NullMarked
package dev.redoubt.crash.harness;

import org.jspecify.annotations.NullMarked;
