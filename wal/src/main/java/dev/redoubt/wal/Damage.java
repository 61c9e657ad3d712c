package dev.redoubt.wal;

/**
 * The first place where the log does not go on, and why: a torn tail or corruption, as {@link
 * EndOfLog} decides.
 *
 * @param fault what is wrong
 * @param lsn LSN of the block that is wrong: of a batch, or of a segment's header
 * @param file name of the segment file
 * @param offset in it
 * @param expected what should be there
 * @param found what is there
 */
record Damage(Fault fault, long lsn, String file, long offset, String expected, String found) {
  /** The same for a segment that is known to have existed. */
  Damage lost() {
    return new Damage(Fault.SEGMENT_LOST, lsn, file, offset, expected, found);
  }
}
