package dev.redoubt.recovery;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * A stretch of the log for redo, its changes grouped by page. They are taken in as they come, and
 * {@link #group} sorts them then by counting, once: each page's are a range of positions, in LSN
 * order. Bounded memory, most of it off the heap, used again for the next stretch. Filled and
 * grouped by one thread; safe for reading from any after that.
 *
 * <pre>
 *  change:  0 length u32   4 manager*2+format u32   8 lsn u64   16 prevPageLSN u64
 *          24 body, padded to 8
 * </pre>
 */
final class RedoRound implements AutoCloseable {
  /** What a round takes at most where the pool is small, but for a single record that is longer. */
  static final long BUDGET_BYTES = 64L << 20;

  /** The one beside the first, where the pool is large. */
  private static final long MOST_LATER_BYTES = 128L << 20;

  /** The first one may take as much as this, where the pool is large. */
  private static final long MOST_FIRST_BYTES = 512L << 20;

  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
  private static final int LENGTH = 0;
  private static final int MANAGER = 4;
  private static final int LSN = 8;
  private static final int PREV_PAGE_LSN = 16;
  private static final int BODY = 24;

  /** What a change takes beside its body and padding, on the heap too. */
  private static final int OVERHEAD = BODY + 3 * Integer.BYTES;

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

  // Of each change, as they came: where it is (its piece of memory and its place there), and the
  // entry of its page in the dirty page table.
  private int[] places = new int[64];
  private int[] entryOf = new int[64];
  private int changes;

  // Of each entry: how many changes it has here, and, once grouped, the position after its last.
  private int[] counts = new int[64];
  private int[] ends = new int[64];
  private int[] touched = new int[64];
  private int touchedCount;

  /** Places by position, once grouped. */
  private int[] grouped = new int[0];

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

  /**
   * What the round that takes turns with this first one may take while the store is not open yet. A
   * page is met once in each round: with 128 MiB a restart of a GiB of log took a tenth less than
   * with 64.
   */
  long laterBudget() {
    return Math.clamp(budgetBytes / 2, BUDGET_BYTES, MOST_LATER_BYTES);
  }

  /** Empties it for the log from {@code lsn} on. */
  void begin(long lsn) {
    for (int i = 0; i < touchedCount; i++) {
      counts[touched[i]] = 0;
    }
    touchedCount = 0;
    changes = 0;
    piece = -1;
    place = 0;
    usedBytes = 0;
    fromLsn = lsn;
    endLsn = lsn;
    records = 0;
  }

  /** Whether the changes of so many parts and bytes fit; always if it is empty. */
  boolean hasRoomFor(int parts, long bodyBytes) {
    return usedBytes == 0 || usedBytes + bodyBytes + (long) parts * (OVERHEAD + 8) <= budgetBytes;
  }

  /** Everything below {@code lsn} and at or above {@link #fromLsn} is in. */
  void endAt(long lsn) {
    endLsn = lsn;
  }

  void countRecord() {
    records++;
  }

  /** Takes a part of a record in, a change of the page with this entry. */
  void add(int entry, RecordView view, int part) {
    int length = view.bodyLength(part);
    long bytes = BODY + ((length + 7L) & -8L);
    if (piece < 0 || place + bytes > pieces[piece].byteSize()) {
      nextPiece(bytes);
    }
    MemorySegment memory = pieces[piece];
    memory.set(INT, place + LENGTH, length);
    memory.set(INT, place + MANAGER, view.managerAndFormat(part));
    memory.set(LONG, place + LSN, view.lsn());
    memory.set(LONG, place + PREV_PAGE_LSN, view.prevPageLsn(part));
    MemorySegment.copy(view.payload(), view.bodyStart(part), memory, place + BODY, length);
    note(entry, piece << PLACE_BITS | (int) (place >>> UNIT_BITS));
    place += bytes;
    usedBytes += bytes + OVERHEAD - BODY;
  }

  private void note(int entry, int where) {
    if (changes == places.length) {
      places = Arrays.copyOf(places, 2 * changes);
      entryOf = Arrays.copyOf(entryOf, 2 * changes);
    }
    if (entry >= counts.length) {
      int larger = Math.max(entry + 1, 2 * counts.length);
      counts = Arrays.copyOf(counts, larger);
      ends = Arrays.copyOf(ends, larger);
    }
    if (counts[entry]++ == 0) {
      if (touchedCount == touched.length) {
        touched = Arrays.copyOf(touched, 2 * touchedCount);
      }
      touched[touchedCount++] = entry;
    }
    places[changes] = where;
    entryOf[changes++] = entry;
  }

  private void nextPiece(long bytes) {
    piece++;
    if (piece == pieces.length) {
      pieces = Arrays.copyOf(pieces, Math.max(16, 2 * piece));
      Arrays.fill(pieces, piece, pieces.length, MemorySegment.NULL);
    }
    if (pieces[piece].byteSize() < bytes) {
      // One that is longer than a piece has one to itself.
      pieces[piece] = arena.allocate(Math.max(bytes, 1L << PIECE_BITS), 8);
    }
    place = 0;
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

  /** Memory in use by changes. */
  long usedBytes() {
    return usedBytes;
  }

  /** Off-heap memory that it has, used or not. */
  long memoryBytes() {
    return Arrays.stream(pieces).mapToLong(MemorySegment::byteSize).sum();
  }

  /** Groups what was taken in. Entries of the pages that have changes here, by page id. */
  int[] group(DirtyPageTable table) {
    long[] byPage = new long[touchedCount];
    for (int i = 0; i < touchedCount; i++) {
      byPage[i] = table.pageId(touched[i]);
    }
    Arrays.sort(byPage);
    int[] entries = new int[touchedCount];
    int start = 0;
    for (int i = 0; i < touchedCount; i++) {
      entries[i] = table.find(byPage[i]);
      ends[entries[i]] = start;
      start += counts[entries[i]];
    }
    if (grouped.length < changes) {
      grouped = new int[places.length];
    }
    for (int i = 0; i < changes; i++) {
      grouped[ends[entryOf[i]]++] = places[i];
    }
    return entries;
  }

  /** Position of the first change of an entry that {@link #group} gave. */
  int from(int entry) {
    return ends[entry] - counts[entry];
  }

  /** The position after its last change. */
  int to(int entry) {
    return ends[entry];
  }

  long lsn(int position) {
    int place = grouped[position];
    return memory(place).get(LONG, offset(place) + LSN);
  }

  long prevPageLsn(int position) {
    int place = grouped[position];
    return memory(place).get(LONG, offset(place) + PREV_PAGE_LSN);
  }

  boolean isFormat(int position) {
    int place = grouped[position];
    return (memory(place).get(INT, offset(place) + MANAGER) & 1) != 0;
  }

  int managerId(int position) {
    int place = grouped[position];
    return memory(place).get(INT, offset(place) + MANAGER) >>> 1;
  }

  MemorySegment body(int position) {
    int place = grouped[position];
    MemorySegment memory = memory(place);
    long offset = offset(place);
    return memory.asSlice(offset + BODY, memory.get(INT, offset + LENGTH));
  }

  private MemorySegment memory(int place) {
    return pieces[place >>> PLACE_BITS];
  }

  private static long offset(int place) {
    return (long) (place & PLACE_MASK) << UNIT_BITS;
  }

  /** Gives the memory up. A second call does nothing. */
  @Override
  public void close() {
    begin(fromLsn);
    pieces = new MemorySegment[0];
    places = new int[64];
    entryOf = new int[64];
    grouped = new int[0];
  }
}
