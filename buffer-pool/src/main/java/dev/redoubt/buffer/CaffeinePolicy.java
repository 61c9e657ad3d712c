package dev.redoubt.buffer;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.RemovalCause;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * Caffeine's W-TinyLFU as adviser, not as the map: it is told of faults and of sampled hits, holds
 * somewhat fewer pages than there are frames, and what it evicts queues up as victims. A victim
 * that is touched again before its frame was needed goes back in.
 */
final class CaffeinePolicy implements ReplacementPolicy {
  /** A batch on its way home, one that follows it, and some to take meanwhile. */
  private static final int STOCK = 256;

  private final PageTable table;
  private final Queue<Long> victims = new ConcurrentLinkedQueue<>();
  private final Cache<Long, Frame> cache;

  CaffeinePolicy(Frames frames) {
    this.table = frames.table;
    // The difference is the stock of victims: a fault finds one without waiting for an eviction,
    // nor for a write if its victims were dirty.
    int frameCount = frames.count();
    int stock = Math.max(4, Math.max(frameCount / 32, Math.min(STOCK, frameCount / 8)));
    this.cache =
        Caffeine.newBuilder()
            .maximumSize(frameCount - stock)
            .executor(Runnable::run)
            .evictionListener(this::evicted)
            .build();
  }

  private void evicted(@Nullable Long pageId, @Nullable Frame frame, RemovalCause cause) {
    if (pageId != null) {
      victims.add(pageId);
    }
  }

  @Override
  public void loaded(Frame frame) {
    cache.put(frame.policyKey, frame);
  }

  @Override
  public void touched(Frame frame) {
    Long key = frame.policyKey;
    if (cache.getIfPresent(key) == null && frame.pageId() == key) {
      cache.put(key, frame);
    }
  }

  @Override
  public void removed(Frame frame) {
    cache.asMap().remove(frame.policyKey, frame);
  }

  @Override
  public @Nullable Frame nextVictim() {
    for (; ; ) {
      Long pageId = victims.poll();
      if (pageId == null) {
        return null;
      }
      Frame frame = table.get(pageId);
      if (frame != null && cache.policy().getIfPresentQuietly(pageId) == null) {
        return frame;
      }
    }
  }

  @Override
  public boolean giveUp(int count) {
    boolean any = false;
    for (Map.Entry<Long, Frame> cold :
        cache.policy().eviction().orElseThrow().coldest(count).entrySet()) {
      if (cache.asMap().remove(cold.getKey(), cold.getValue())) {
        victims.add(cold.getKey());
        any = true;
      }
    }
    return any;
  }

  @Override
  public boolean spares(Frame frame) {
    return cache.policy().getIfPresentQuietly(frame.policyKey) != null;
  }

  @Override
  public void refused(Frame frame) {
    long pageId = frame.pageId();
    if (pageId != 0) {
      victims.add(pageId);
    }
  }
}
