package dev.redoubt.crash.suite;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.crash.work.RedonePages;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What redo makes of pages is what an engine that never crashed has made of them. */
class RedonePagesTest {
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void redonePagesAreThoseOfAnEngineThatNeverCrashed(long seed) {
    long redone = RedonePages.check(seed, 25);
    assertTrue(redone > 500, "changes redone: " + redone);
  }
}
