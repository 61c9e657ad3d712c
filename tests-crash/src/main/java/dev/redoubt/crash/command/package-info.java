/**
 * {@code redoubt crash}: the program with one command more. Start reading at {@link
 * dev.redoubt.crash.command.CrashCommand}.
 */
@NullMarked
package dev.redoubt.crash.command;

import org.jspecify.annotations.NullMarked;
