package dev.redoubt.wal;

import dev.redoubt.io.CorruptionException;

/** The messages of damage: file, offset, LSN, expected, found, and what can be done. */
final class Corruptions {
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
            + ": expected "
            + damage.expected()
            + ", found "
            + damage.found()
            + ". "
            + why
            + ". Nothing was changed; "
            + remedy);
  }
}
