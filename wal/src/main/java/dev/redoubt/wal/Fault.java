package dev.redoubt.wal;

/**
 * Every way in which the bytes at some place of the log can fail to be the log. What follows from
 * each is decided by {@link EndOfLog}, nowhere else.
 */
enum Fault {
  /** There is no file for the segment. */
  SEGMENT_MISSING("segment file missing"),
  /** There is none, and the last batch of the segment before says that there was. */
  SEGMENT_LOST("segment file missing"),
  /** The file ends before the block. */
  FILE_SHORT("file too short"),
  HEADER_MAGIC("segment header: wrong magic"),
  HEADER_CHECKSUM("segment header: bad checksum"),
  /** The checksum is right and the version is not ours. */
  HEADER_VERSION("segment header: unsupported format version"),
  /** The checksum is right and the store id is not ours. */
  HEADER_FOREIGN("segment header: segment of another store"),
  /** The checksum and the store are right, index, first LSN or length is not. */
  HEADER_MISPLACED("segment header: another segment's"),
  /** Made ahead, never written to; so nothing can stand in it. */
  HEADER_UNUSED("segment made ahead, not begun"),
  /** The header names another predecessor than the batches before it. */
  HEADER_PREDECESSOR("segment header: does not follow the segment before"),
  BATCH_MAGIC("batch header: wrong magic"),
  BATCH_STORE("batch header: another store's"),
  BATCH_LSN("batch header: another place's"),
  BATCH_LENGTH("batch header: impossible length"),
  BATCH_CHECKSUM("batch: bad checksum"),
  BATCH_FRAMES("batch: records do not add up"),
  BATCH_SEQUENCE("batch header: out of sequence"),
  BATCH_PREDECESSOR("batch header: does not follow the batch before"),
  BATCH_EPOCH("batch header: epoch goes back");

  private final String words;

  Fault(String words) {
    this.words = words;
  }

  String words() {
    return words;
  }
}
