package dev.redoubt.crash.history;

import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One line of a history: a client asks for something, or is told how it went.
 *
 * @param index position in the history, from 0
 * @param type what the line says
 * @param process the logical client; it asks for one thing at a time, and after {@link Type#INFO}
 *     never again
 * @param f name of what was asked for
 * @param value the steps of the transaction: as planned in an invocation, as done in a completion.
 *     A completion that is not {@link Type#OK} has at least the writes that were tried
 * @param timeNanos when, since some moment
 * @param error why it did not go well
 */
public record Operation(
    long index,
    Type type,
    long process,
    String f,
    List<MicroOp> value,
    long timeNanos,
    @Nullable String error) {
  /** What a line says. */
  public enum Type {
    /** Somebody asks. */
    INVOKE,
    /** It was done. */
    OK,
    /** It was certainly not done, and never will be. */
    FAIL,
    /** Nobody can tell: it may have been done, or will be later, or never. */
    INFO;

    /** The word in a file. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Keeps a copy of the steps. */
  public Operation {
    Objects.requireNonNull(type, "type");
    Objects.requireNonNull(f, "f");
    value = List.copyOf(value);
  }

  @Override
  public String toString() {
    String line = index + " " + type.word() + " " + process + " " + f + " " + value;
    return error == null ? line : line + " (" + error + ")";
  }
}
