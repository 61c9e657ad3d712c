/**
 * The demonstration: real data, several writers, SIGKILL, restart, proof. {@link Plan} fixes what
 * will be written, so that two processes agree on it; {@link Writers} write it in a child process
 * and announce what is acknowledged; {@link Proof} compares the store with the announcements;
 * {@link Demonstration} runs it all, {@link Picture} shows it. Start reading at {@link
 * Demonstration}.
 */
@NullMarked
package dev.redoubt.demo.show;

import org.jspecify.annotations.NullMarked;
