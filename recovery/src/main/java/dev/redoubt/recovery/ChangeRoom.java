package dev.redoubt.recovery;

/**
 * Log space set aside for structure changes before any page is latched (rule 4). It goes back when
 * it is closed. Confined to one thread.
 */
public final class ChangeRoom implements AutoCloseable {
  /** Whom the space belongs to. */
  interface Owner {
    /** Takes it back; {@code usedBytes} are in the log now and need not be set aside any more. */
    void settle(long usedBytes, long unusedBytes);
  }

  private final Owner owner;
  private long leftBytes;
  private long usedBytes;

  ChangeRoom(Owner owner, long bytes) {
    this.owner = owner;
    this.leftBytes = bytes;
  }

  /** What one structure change takes at most: a page's image, and keys and heads beside it. */
  static long bytes(int pageSize, int changes) {
    return 2L * pageSize * changes;
  }

  /**
   * Whether a record of so many bytes is covered; the last thing before its append that may fail.
   *
   * @throws IllegalArgumentException if not: the caller set too little aside
   */
  void require(int recordBytes) {
    if (recordBytes + LogSpace.FRAME_BYTES > leftBytes) {
      throw new IllegalArgumentException(
          "a structure change of "
              + recordBytes
              + " bytes, "
              + leftBytes
              + " bytes of log were set aside for it");
    }
  }

  /** A record of so many bytes has been appended. Takes no latch: pages are latched now. */
  void used(int recordBytes) {
    leftBytes -= recordBytes + LogSpace.FRAME_BYTES;
    usedBytes += recordBytes + LogSpace.FRAME_BYTES;
  }

  /** Gives everything back, after the latches; harmless the second time. */
  @Override
  public void close() {
    long used = usedBytes;
    long unused = leftBytes;
    usedBytes = 0;
    leftBytes = 0;
    if (used + unused > 0) {
      owner.settle(used, unused);
    }
  }
}
