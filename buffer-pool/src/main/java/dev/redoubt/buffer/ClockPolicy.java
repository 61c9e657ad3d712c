package dev.redoubt.buffer;

import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * CLOCK: a hand goes round the frames and spares those touched since its last pass. Decides the
 * same from the same calls, which Caffeine does not (its admission draws random numbers).
 */
final class ClockPolicy implements ReplacementPolicy {
  private final Frames frames;
  private final AtomicInteger hand = new AtomicInteger();

  ClockPolicy(Frames frames) {
    this.frames = frames;
  }

  @Override
  public void loaded(Frame frame) {
    frame.referenced = true;
  }

  @Override
  public boolean wantsEveryHit() {
    return true;
  }

  @Override
  public void touched(Frame frame) {
    if (!frame.referenced) {
      frame.referenced = true;
    }
  }

  @Override
  public void removed(Frame frame) {}

  @Override
  public @Nullable Frame nextVictim() {
    for (int step = 0; step < 2 * frames.count(); step++) {
      Frame frame = frames.at(Math.floorMod(hand.getAndIncrement(), frames.count()));
      if (frame.pageId() == 0) {
        continue;
      }
      if (frame.referenced) {
        frame.referenced = false;
      } else {
        return frame;
      }
    }
    return null;
  }

  @Override
  public boolean spares(Frame frame) {
    return frame.referenced;
  }

  @Override
  public void refused(Frame frame) {}
}
