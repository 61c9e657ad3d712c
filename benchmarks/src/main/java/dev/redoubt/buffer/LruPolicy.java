package dev.redoubt.buffer;

import java.util.LinkedHashSet;
import org.jspecify.annotations.Nullable;

/** Exact LRU, told of every hit: to compare hit rates with, by one thread. */
final class LruPolicy implements ReplacementPolicy {
  /** Oldest first. */
  private final LinkedHashSet<Frame> order = new LinkedHashSet<>();

  @Override
  public boolean wantsEveryHit() {
    return true;
  }

  @Override
  public void loaded(Frame frame) {
    touched(frame);
  }

  @Override
  public void touched(Frame frame) {
    order.addLast(frame);
  }

  @Override
  public void removed(Frame frame) {
    order.remove(frame);
  }

  @Override
  public @Nullable Frame nextVictim() {
    return order.isEmpty() ? null : order.getFirst();
  }

  @Override
  public boolean spares(Frame frame) {
    return !order.isEmpty() && order.getFirst() != frame;
  }

  @Override
  public void refused(Frame frame) {
    order.addLast(frame);
  }
}
