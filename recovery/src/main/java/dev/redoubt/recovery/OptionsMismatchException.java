package dev.redoubt.recovery;

import dev.redoubt.io.StorageException;

/**
 * A setting that is fixed when a store is created was asked for with another value. Nothing was
 * written. Leave the setting open to take what the store has.
 */
public final class OptionsMismatchException extends StorageException {
  private static final long serialVersionUID = 1L;

  OptionsMismatchException(String setting, long stored, long asked) {
    super(
        "the store was created with "
            + setting
            + " "
            + stored
            + ", it cannot be opened with "
            + asked
            + "; leave the setting open");
  }

  @Override
  public String code() {
    return "options-mismatch";
  }
}
