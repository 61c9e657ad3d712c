package dev.redoubt.crash.sim;

import dev.redoubt.recovery.RecoverableMemory;
import dev.redoubt.recovery.Transaction;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Numbers in a recoverable memory, spread over pages; each has a word before it that whoever wants
 * to read and write it writes first, because writing is what owns.
 */
record MemoryCells(RecoverableMemory memory) {
  /** Length of the memory. */
  static final long LENGTH_BYTES = 200_000;

  private static final int SPACING = 1_700;
  private static final int FIRST_COUNTER = 20;
  private static final int FIRST_OWN = 30;
  private static final int OWN_EACH = 10;

  static long shared(int index) {
    return (long) SPACING * (1 + index);
  }

  static long counter(int client) {
    return (long) SPACING * (FIRST_COUNTER + client);
  }

  static long own(int client, int index) {
    return (long) SPACING * (FIRST_OWN + client * OWN_EACH + index);
  }

  long read(long offset) {
    byte[] bytes = new byte[Long.BYTES];
    memory.read(offset, MemorySegment.ofArray(bytes));
    return MemorySegment.ofArray(bytes).get(ValueLayout.JAVA_LONG_UNALIGNED, 0);
  }

  void write(Transaction tx, long offset, long value) {
    byte[] bytes = new byte[Long.BYTES];
    MemorySegment.ofArray(bytes).set(ValueLayout.JAVA_LONG_UNALIGNED, 0, value);
    memory.write(tx, offset, MemorySegment.ofArray(bytes));
  }

  /** Owns the number until the transaction ends. */
  void own(Transaction tx, long offset, long token) {
    write(tx, offset - Long.BYTES, token);
  }
}
