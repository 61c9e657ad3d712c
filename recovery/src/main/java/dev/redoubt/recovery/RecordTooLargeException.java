package dev.redoubt.recovery;

import dev.redoubt.io.StorageException;

/**
 * A change is longer than a log record can be. Nothing was logged; the transaction lives. Make the
 * change in several records, or open the store with larger log buffers.
 */
public final class RecordTooLargeException extends StorageException {
  private static final long serialVersionUID = 1L;

  RecordTooLargeException(long recordBytes, long maxRecordBytes) {
    super(
        "a log record of "
            + recordBytes
            + " bytes is too long, at most "
            + maxRecordBytes
            + " fit; nothing was changed, split the change or use larger log buffers");
  }

  @Override
  public String code() {
    return "record-too-large";
  }
}
