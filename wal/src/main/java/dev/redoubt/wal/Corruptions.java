package dev.redoubt.wal;

import dev.redoubt.io.CorruptionException;
import dev.redoubt.io.StorageException;

/** The messages of damage: file, offset, LSN, expected, found, and what can be done. */
final class Corruptions {
  private static final String EXPECTED = ": expected ";

  private Corruptions() {}

  static CorruptionException noRecordAt(long lsn, String where) {
    return new CorruptionException(
        "no record of the log begins at LSN "
            + lsn
            + " ("
            + where
            + "): expected a frame whose checksum matches, found none; if the LSN came from stored"
            + " data, those are damaged");
  }

  /** Which damage a message speaks of, whatever else it says. */
  static String place(StorageException e) {
    String message = String.valueOf(e.getMessage());
    int end = message.indexOf(EXPECTED);
    return end < 0 ? message : message.substring(0, end);
  }

  static CorruptionException of(String place, Damage damage, String why, String remedy) {
    return new CorruptionException(
        damage.fault().words()
            + " in "
            + damage.file()
            + " of "
            + place
            + " at offset "
            + damage.offset()
            + ", LSN "
            + damage.lsn()
            + EXPECTED
            + damage.expected()
            + ", found "
            + damage.found()
            + ". "
            + why
            + ". Nothing was changed; "
            + remedy);
  }
}
