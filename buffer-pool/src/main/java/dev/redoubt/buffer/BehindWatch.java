package dev.redoubt.buffer;

/** Turns "the cleaner is behind" into one flight recorder event a spell. Confined. */
final class BehindWatch {
  private boolean behind;
  private CleanerBehindEvent event = new CleanerBehindEvent();

  /** The cleaner has looked. */
  void saw(boolean isBehind, CleaningPace.View view, long targetBytes) {
    if (isBehind && !behind) {
      event = new CleanerBehindEvent();
      event.begin();
      event.targetBytes = targetBytes;
      event.dirtyPages = view.dirty();
    } else if (behind && !isBehind) {
      event.dirtyPagesAtEnd = view.dirty();
      event.commit();
    }
    behind = isBehind;
  }
}
