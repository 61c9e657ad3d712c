package dev.redoubt.buffer;

import jdk.jfr.FlightRecorder;
import org.jspecify.annotations.Nullable;

/**
 * Turns "the cleaner is behind" into one flight recorder event a spell. One that was under way when
 * the recorder came counts from then on. Confined.
 */
final class BehindWatch {
  private @Nullable CleanerBehindEvent event;

  /** The cleaner has looked. */
  void saw(boolean behind, CleaningPace.View view, long targetBytes) {
    if (event == null) {
      if (behind && FlightRecorder.isInitialized()) {
        event = begun(view, targetBytes);
      }
    } else if (!behind) {
      event.dirtyPagesAtEnd = view.dirty();
      event.commit();
      event = null;
    }
  }

  private static CleanerBehindEvent begun(CleaningPace.View view, long targetBytes) {
    CleanerBehindEvent event = new CleanerBehindEvent();
    event.begin();
    event.targetBytes = targetBytes;
    event.dirtyPages = view.dirty();
    return event;
  }
}
