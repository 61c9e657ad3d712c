package dev.redoubt.kv;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** What readers are told of version chains without looking for them. */
final class ChainFilterTest {
  private static final int LOOKS = 2_000_000;

  @Test
  void itIsEmptyUntilAChainIsAddedAndAfterTheLastHasGone() {
    ChainFilter filter = new ChainFilter();
    assertTrue(filter.isEmpty());
    filter.add(7);
    filter.add(-7);
    assertFalse(filter.isEmpty());
    assertTrue(filter.mayContain(7));
    filter.remove(7);
    assertFalse(filter.isEmpty());
    filter.remove(-7);
    assertTrue(filter.isEmpty());
    assertFalse(filter.mayContain(7));
  }

  /** Counted as one sum, or additions first, the others hide the one that stays. */
  @Test
  void chainsThatComeAndGoDoNotHideOneThatStays() throws Exception {
    ChainFilter filter = new ChainFilter();
    filter.add(42);
    AtomicBoolean over = new AtomicBoolean();
    try (ExecutorService others = Executors.newFixedThreadPool(3)) {
      Future<?>[] storms = new Future<?>[3];
      for (int i = 0; i < storms.length; i++) {
        int hash = i;
        storms[i] =
            others.submit(
                () -> {
                  while (!over.get()) {
                    filter.add(hash);
                    filter.remove(hash);
                  }
                });
      }
      int hidden = 0;
      for (int i = 0; i < LOOKS; i++) {
        hidden += filter.isEmpty() ? 1 : 0;
      }
      over.set(true);
      for (Future<?> each : storms) {
        each.get();
      }
      assertEquals(0, hidden, "times that the chain was overlooked");
    }
    filter.remove(42);
    assertTrue(filter.isEmpty());
  }
}
