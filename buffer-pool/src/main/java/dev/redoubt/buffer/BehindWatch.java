package dev.redoubt.buffer;

import jdk.jfr.FlightRecorder;
import org.jspecify.annotations.Nullable;

/** Turns "the cleaner is behind" into one flight recorder event a spell. Confined. */
final class BehindWatch {
  private boolean behind;
  private @Nullable CleanerBehindEvent event;

  /** The cleaner has looked. */
  void saw(boolean isBehind, CleaningPace.View view, long targetBytes) {
    if (isBehind && !behind && FlightRecorder.isInitialized()) {
      event = begun(view, targetBytes);
    } else if (event != null && !isBehind) {
      event.dirtyPagesAtEnd = view.dirty();
      event.commit();
      event = null;
    }
    behind = isBehind;
  }

  private static CleanerBehindEvent begun(CleaningPace.View view, long targetBytes) {
    CleanerBehindEvent event = new CleanerBehindEvent();
    event.begin();
    event.targetBytes = targetBytes;
    event.dirtyPages = view.dirty();
    return event;
  }
}
