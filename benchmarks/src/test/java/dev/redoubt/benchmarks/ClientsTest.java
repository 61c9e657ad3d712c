package dev.redoubt.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Test;

class ClientsTest {
  private static final Duration SLICE = Duration.ofMillis(20);

  @Test
  void everyOperationIsCounted() throws Exception {
    LongAdder done = new LongAdder();
    Sample sample = Clients.platform(3, SLICE, () -> random -> done.increment());
    assertEquals(done.sum(), sample.latencies().count());
    assertTrue(sample.perSecond() > 0);
  }

  @Test
  void virtualClientsAreCountedToo() throws Exception {
    LongAdder done = new LongAdder();
    Sample sample = Clients.virtual(50, SLICE, () -> random -> done.increment());
    assertEquals(done.sum(), sample.latencies().count());
  }

  @Test
  void aFailingClientFailsTheRun() {
    Clients.ClientFactory factory =
        () ->
            random -> {
              throw new IllegalArgumentException("on purpose");
            };
    assertThrows(IllegalStateException.class, () -> Clients.platform(2, SLICE, factory));
    assertThrows(
        IllegalStateException.class,
        () ->
            Clients.platform(
                2,
                SLICE,
                () -> {
                  throw new IllegalArgumentException("on purpose");
                }));
  }
}
