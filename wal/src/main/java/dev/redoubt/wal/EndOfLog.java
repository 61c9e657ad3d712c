package dev.redoubt.wal;

/**
 * Decides what damage means. The table is {@code docs/format-log.md}, section 6; a test tries every
 * combination. I/O errors never come here: they are thrown where they happen.
 */
final class EndOfLog {
  /** What becomes of an opening. */
  enum Verdict {
    /** A torn tail: nothing acknowledged was there; the log ends before it. */
    END,
    /** Damage where everything was known forced: refuse. */
    CORRUPT,
    /** A segment is gone that must be there: refuse. */
    MISSING,
    /** A segment has lost its end, which no crash can do: refuse. */
    CUT_SHORT,
    /** A whole segment of another store: refuse. */
    FOREIGN,
    /** A whole segment of this store under another segment's name: refuse. */
    MISPLACED,
    /** A whole segment of a format version we do not read: refuse. */
    UNSUPPORTED
  }

  private EndOfLog() {}

  /**
   * @param fault what is wrong at the first place where the log does not go on
   * @param belowWatermark whether that place is below the highest watermark found anywhere
   * @param laterSegmentPresent whether a file of a later segment exists
   */
  static Verdict decide(Fault fault, boolean belowWatermark, boolean laterSegmentPresent) {
    return switch (fault) {
      // The header's checksum is right, so no crash made it what it is.
      case HEADER_FOREIGN -> Verdict.FOREIGN;
      case HEADER_MISPLACED -> Verdict.MISPLACED;
      case HEADER_VERSION -> Verdict.UNSUPPORTED;
      // A segment has its full length, durably, before it gets its name.
      case FILE_SHORT -> Verdict.CUT_SHORT;
      // The batch before was written when the name of this segment was durable.
      case SEGMENT_LOST -> Verdict.MISSING;
      // Names are made durable in order, so a gap is no crash's work either.
      case SEGMENT_MISSING -> belowWatermark || laterSegmentPresent ? Verdict.MISSING : Verdict.END;
      case HEADER_MAGIC,
          HEADER_CHECKSUM,
          HEADER_UNUSED,
          HEADER_PREDECESSOR,
          BATCH_MAGIC,
          BATCH_STORE,
          BATCH_LSN,
          BATCH_LENGTH,
          BATCH_CHECKSUM,
          BATCH_FRAMES,
          BATCH_SEQUENCE,
          BATCH_PREDECESSOR,
          BATCH_EPOCH ->
          belowWatermark ? Verdict.CORRUPT : Verdict.END;
    };
  }
}
