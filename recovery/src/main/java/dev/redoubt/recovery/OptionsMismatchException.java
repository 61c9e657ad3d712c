package dev.redoubt.recovery;

import dev.redoubt.buffer.PageStoreKind;
import dev.redoubt.io.StorageException;

/**
 * A setting that is fixed when a store is created was asked for with another value. Nothing was
 * written. Leave the setting open to take what the store has.
 */
public final class OptionsMismatchException extends StorageException {
  private static final long serialVersionUID = 1L;

  /** Of RocksDbPages, which this module does not know; only for the message. */
  private static final int ROCKSDB_ID = 1;

  OptionsMismatchException(String setting, long stored, long asked) {
    super(
        "the store was created with "
            + setting
            + " "
            + stored
            + ", it cannot be opened with "
            + asked
            + "; leave the option out");
  }

  OptionsMismatchException(int storedPagesId, PageStoreKind asked) {
    super(
        "the pages of this store are kept "
            + (storedPagesId == PageStoreKind.FILE.id()
                ? "in a file"
                : "by a page store of kind " + storedPagesId)
            + ", it cannot be opened with pages of kind "
            + asked.id()
            + " ("
            + asked.name()
            + "); give EngineOptions.withPages the kind that the store was created with"
            + (storedPagesId == ROCKSDB_ID
                ? ", RocksDbPages of the module redoubt-rocksdb-pages. The program 'redoubt' comes"
                    + " without it and opens pages in a file only"
                : ""));
  }

  @Override
  public String code() {
    return "options-mismatch";
  }
}
