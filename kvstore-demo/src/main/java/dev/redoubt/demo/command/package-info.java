/**
 * The commands of the program, one class each. {@link Redoubt} is the root and lists them; {@link
 * BaseCommand} is what they share; {@link Failure} turns exceptions into a line and an exit code.
 */
@NullMarked
package dev.redoubt.demo.command;

import org.jspecify.annotations.NullMarked;
