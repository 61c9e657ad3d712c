package dev.redoubt.recovery;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * A stretch of the log for redo, its changes grouped by page: each page's are a list in LSN order.
 * Bounded memory off the heap, used again for the next stretch. Filled by one thread; safe for
 * reading from any after that.
 *
 * <pre>
 *  change:  0 next u32   4 length u32   8 lsn u64   16 prevPageLSN u64   24 manager*2+format u32
 *          28 zero u32  32 body, padded to 8
 * </pre>
 *
 * <p>A change is named by a number other than 0: its piece of memory and its place there.
 */
final class RedoRound implements AutoCloseable {
  /** What a round after the first takes at most, but for a single record that is longer. */
  static final long BUDGET_BYTES = 64L << 20;

  /** The first one may take as much as this, where the pool is large. */
  private static final long MOST_FIRST_BYTES = 512L << 20;

  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
  private static final int NEXT = 0;
  private static final int LENGTH = 4;
  private static final int LSN = 8;
  private static final int PREV_PAGE_LSN = 16;
  private static final int MANAGER = 24;
  private static final int BODY = 32;

  private static final int PIECE_BITS = 20;
  private static final int UNIT_BITS = 3;
  private static final int PLACE_BITS = PIECE_BITS - UNIT_BITS;
  private static final int PLACE_MASK = (1 << PLACE_BITS) - 1;

  // Collected, not closed: closing what two threads may read stops the whole virtual machine.
  private final Arena arena = Arena.ofAuto();
  private final long budgetBytes;
  private MemorySegment[] pieces = new MemorySegment[0];
  private int piece = -1;
  private long place;
  private long usedBytes;

  // Of each entry of the dirty page table: its first and last change here; 0 for none.
  private int[] first = new int[64];
  private int[] last = new int[64];
  private int[] touched = new int[64];
  private int touchedCount;

  private long fromLsn;
  private long endLsn;
  private long records;

  RedoRound(long budgetBytes) {
    this.budgetBytes = budgetBytes;
  }

  /**
   * What the first round takes at most. Analysis fills it on its way, so the log that fits is read
   * and decoded once: half as much as the pool has, since whoever gives that to pages has it for
   * their changes while the store is not open yet.
   */
  static long firstBudget(long poolBytes) {
    return Math.clamp(poolBytes / 2, BUDGET_BYTES, MOST_FIRST_BYTES);
  }

  /** Empties it for the log from {@code lsn} on. */
  void begin(long lsn) {
    for (int i = 0; i < touchedCount; i++) {
      first[touched[i]] = 0;
    }
    touchedCount = 0;
    piece = -1;
    place = 0;
    usedBytes = 0;
    fromLsn = lsn;
    endLsn = lsn;
    records = 0;
  }

  /** Whether the changes of so many parts and bytes fit; always if it is empty. */
  boolean hasRoomFor(int parts, long bodyBytes) {
    return usedBytes == 0 || usedBytes + bodyBytes + (long) parts * (BODY + 8) <= budgetBytes;
  }

  /** Everything below {@code lsn} and at or above {@link #fromLsn} is in. */
  void endAt(long lsn) {
    endLsn = lsn;
  }

  void countRecord() {
    records++;
  }

  /** Appends a part of a record to the list of the page with this entry. */
  void add(int entry, RecordView view, int part) {
    int length = view.bodyLength(part);
    long bytes = BODY + ((length + 7L) & -8L);
    if (piece < 0 || place + bytes > pieces[piece].byteSize()) {
      nextPiece(bytes);
    }
    MemorySegment memory = pieces[piece];
    memory.set(INT, place + NEXT, 0);
    memory.set(INT, place + LENGTH, length);
    memory.set(LONG, place + LSN, view.lsn());
    memory.set(LONG, place + PREV_PAGE_LSN, view.prevPageLsn(part));
    memory.set(INT, place + MANAGER, view.managerAndFormat(part));
    MemorySegment.copy(view.payload(), view.bodyStart(part), memory, place + BODY, length);
    int change = piece << PLACE_BITS | (int) (place >>> UNIT_BITS);
    place += bytes;
    usedBytes += bytes;
    link(entry, change);
  }

  private void link(int entry, int change) {
    if (entry >= first.length) {
      int larger = Math.max(entry + 1, 2 * first.length);
      first = Arrays.copyOf(first, larger);
      last = Arrays.copyOf(last, larger);
    }
    if (first[entry] == 0) {
      if (touchedCount == touched.length) {
        touched = Arrays.copyOf(touched, 2 * touchedCount);
      }
      touched[touchedCount++] = entry;
      first[entry] = change;
    } else {
      pieces[last[entry] >>> PLACE_BITS].set(INT, offset(last[entry]) + NEXT, change);
    }
    last[entry] = change;
  }

  private void nextPiece(long bytes) {
    piece++;
    if (piece == pieces.length) {
      pieces = Arrays.copyOf(pieces, Math.max(16, 2 * piece));
      Arrays.fill(pieces, piece, pieces.length, MemorySegment.NULL);
    }
    if (pieces[piece].byteSize() < bytes + BODY) {
      // One that is longer than a piece has one to itself.
      pieces[piece] = arena.allocate(Math.max(bytes + BODY, 1L << PIECE_BITS), 8);
    }
    place = piece == 0 ? BODY : 0; // no change has the number 0
  }

  /** Where the log of this round begins. */
  long fromLsn() {
    return fromLsn;
  }

  /** Where the next round begins. */
  long endLsn() {
    return endLsn;
  }

  /** Records of the log in this round, those that change nothing included. */
  long records() {
    return records;
  }

  /** Off-heap memory in use by changes. */
  long usedBytes() {
    return usedBytes;
  }

  /** Off-heap memory that it has, used or not. */
  long memoryBytes() {
    return Arrays.stream(pieces).mapToLong(MemorySegment::byteSize).sum();
  }

  /** Entries of the pages that have changes here, by page id. */
  int[] entries(DirtyPageTable table) {
    long[] byPage = new long[touchedCount];
    for (int i = 0; i < touchedCount; i++) {
      byPage[i] = table.pageId(touched[i]);
    }
    Arrays.sort(byPage);
    int[] entries = new int[touchedCount];
    for (int i = 0; i < touchedCount; i++) {
      entries[i] = table.find(byPage[i]);
    }
    return entries;
  }

  /** The first change of an entry's page; 0 if there is none. */
  int first(int entry) {
    return entry < first.length ? first[entry] : 0;
  }

  /** The page's change after this one; 0 if there is none. */
  int next(int change) {
    return memory(change).get(INT, offset(change) + NEXT);
  }

  long lsn(int change) {
    return memory(change).get(LONG, offset(change) + LSN);
  }

  long prevPageLsn(int change) {
    return memory(change).get(LONG, offset(change) + PREV_PAGE_LSN);
  }

  boolean isFormat(int change) {
    return (memory(change).get(INT, offset(change) + MANAGER) & 1) != 0;
  }

  int managerId(int change) {
    return memory(change).get(INT, offset(change) + MANAGER) >>> 1;
  }

  MemorySegment body(int change) {
    MemorySegment memory = memory(change);
    long offset = offset(change);
    return memory.asSlice(offset + BODY, memory.get(INT, offset + LENGTH));
  }

  private MemorySegment memory(int change) {
    return pieces[change >>> PLACE_BITS];
  }

  private static long offset(int change) {
    return (long) (change & PLACE_MASK) << UNIT_BITS;
  }

  /** Gives the memory up. A second call does nothing. */
  @Override
  public void close() {
    begin(fromLsn);
    pieces = new MemorySegment[0];
  }
}
