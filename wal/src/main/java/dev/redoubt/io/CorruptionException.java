package dev.redoubt.io;

import org.jspecify.annotations.Nullable;

/**
 * Stored bytes are not what was written. Names file, offset, LSN or page, what was expected and
 * what was found. The damaged bytes are left as they are.
 */
public class CorruptionException extends StorageException {
  /** The last remedy that messages of damage name. */
  public static final String SALVAGE =
      "save what can be read with 'redoubt salvage DIR OUT' (in a program: Salvage)";

  private static final long serialVersionUID = 1L;

  public CorruptionException(String message) {
    super(message);
  }

  public CorruptionException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  @Override
  public String code() {
    return "corrupt";
  }
}
