package dev.redoubt.wal;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.io.MemoryDisk;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What nobody waits for becomes durable by itself, within the interval. */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class AsyncBoundTest {
  /** Two fifths of it are to spare, which a busy machine may take to wake a thread. */
  private static final Duration INTERVAL = Duration.ofMillis(400);

  /** A busy machine may keep a thread from a core for so long. */
  private static final Duration DELAY_OF_THE_MACHINE = Duration.ofSeconds(5);

  private static final int RECORDS = 11;

  /** Records come at other moments of the interval each, some while the log seals the last one. */
  @Test
  void aRecordThatNobodyWaitsForIsDurableWithinTheInterval() {
    LogOptions options = Logs.SMALL.withBackground(true).withAsyncForceInterval(INTERVAL);
    List<Long> lags = new ArrayList<>();
    try (Log log = Logs.create(new MemoryDisk(), options)) {
      for (int i = 0; i < RECORDS; i++) {
        long appended = System.nanoTime();
        long lsn = Logs.append(log, "left alone");
        while (log.durableEndLsn() <= lsn) {
          LockSupport.parkNanos(500_000);
        }
        lags.add(System.nanoTime() - appended);
        LockSupport.parkNanos(i * INTERVAL.toNanos() / RECORDS);
      }
    }
    lags.sort(null);
    assertTrue(lags.get(RECORDS / 2) <= INTERVAL.toNanos(), () -> "half took longer: " + lags);
    assertTrue(
        lags.getLast() <= INTERVAL.plus(DELAY_OF_THE_MACHINE).toNanos(), () -> lags.toString());
  }
}
