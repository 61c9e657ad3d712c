/**
 * Real processes on a real disk: {@link dev.redoubt.crash.process.KillCycles} kills a child with
 * SIGKILL in the middle of its commits, again and again, and checks what is left.
 */
@NullMarked
package dev.redoubt.crash.process;

import org.jspecify.annotations.NullMarked;
