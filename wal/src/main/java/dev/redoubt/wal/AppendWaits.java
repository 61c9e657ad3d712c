package dev.redoubt.wal;

import java.util.concurrent.atomic.LongAdder;
import jdk.jfr.FlightRecorder;

/**
 * Counts, and shows as JFR events, what appends wait for. Thread-safe.
 *
 * <p>Here as everywhere no event class is touched before the program has a flight recorder: loading
 * the first one would keep its thread for some 75 ms, in which the JDK makes itself ready for it.
 */
final class AppendWaits {
  private final LongAdder stalls = new LongAdder();
  private final LongAdder lateSegments = new LongAdder();

  /** The ring is full: {@code wait} returns when the batch at {@code lsn} is durable. */
  void stall(long lsn, Runnable wait) {
    stalls.increment();
    if (!FlightRecorder.isInitialized() || !AppendStallEvent.isOn()) {
      wait.run();
      return;
    }
    AppendStallEvent event = new AppendStallEvent();
    event.awaitedLsn = lsn;
    event.begin();
    wait.run();
    event.commit();
  }

  /** The segment is not ready: {@code wait} returns when it is. */
  void lateSegment(long index, Runnable wait) {
    lateSegments.increment();
    if (!FlightRecorder.isInitialized() || !SegmentLateEvent.isOn()) {
      wait.run();
      return;
    }
    SegmentLateEvent event = new SegmentLateEvent();
    event.segment = index;
    event.begin();
    wait.run();
    event.commit();
  }

  long stalls() {
    return stalls.sum();
  }

  long lateSegments() {
    return lateSegments.sum();
  }
}
