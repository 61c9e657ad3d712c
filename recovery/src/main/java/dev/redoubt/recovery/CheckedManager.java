package dev.redoubt.recovery;

import java.lang.foreign.MemorySegment;

/**
 * A manager that can say before the append whether a body fits the page. What it refuses then is an
 * ordinary error; the same found after the append would halt the engine, at every restart again.
 */
interface CheckedManager extends ResourceManager {
  /** Throws if {@link #redo} could not apply {@code body}; changes nothing. */
  void check(MemorySegment page, long pageId, MemorySegment body);
}
