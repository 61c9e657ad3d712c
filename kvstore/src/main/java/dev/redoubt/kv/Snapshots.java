package dev.redoubt.kv;

import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Which snapshots are in use. Registering and leaving take no lock and allocate nothing: a snapshot
 * takes a free slot of an array; arrays are added when all are full, and stay. Thread-safe.
 */
final class Snapshots {
  private static final int SLOTS = 64;

  /** Neighbouring threads start this far apart, so as not to share a cache line. */
  private static final int SPREAD = 19;

  private static final class Block {
    final AtomicReferenceArray<@Nullable Snapshot> slots = new AtomicReferenceArray<>(SLOTS);
    final AtomicReference<@Nullable Block> next = new AtomicReference<>();
  }

  private final Block first = new Block();

  /**
   * Registers a snapshot that is pending, not below its floor: it is taken after this, and left by
   * {@link #leave}.
   */
  void enter(Snapshot snapshot) {
    int start = (int) Thread.currentThread().threadId() * SPREAD;
    Block block = first;
    while (true) {
      for (int i = 0; i < SLOTS; i++) {
        int slot = start + i & SLOTS - 1;
        if (block.slots.get(slot) == null && block.slots.compareAndSet(slot, null, snapshot)) {
          snapshot.slots = block.slots;
          snapshot.slot = slot;
          return;
        }
      }
      Block next = block.next.get();
      if (next == null) {
        Block added = new Block();
        next = block.next.compareAndSet(null, added) ? added : block.next.get();
      }
      block = Objects.requireNonNull(next);
    }
  }

  void leave(Snapshot snapshot) {
    AtomicReferenceArray<@Nullable Snapshot> slots = snapshot.slots;
    if (slots != null) {
      snapshot.slots = null;
      slots.set(snapshot.slot, null);
    }
  }

  /**
   * The oldest point that anybody reads at or may be about to, {@code future} being the oldest at
   * which a snapshot can yet be taken, read before this call.
   */
  long horizon(long future) {
    long horizon = future;
    for (Block block = first; block != null; block = block.next.get()) {
      for (int i = 0; i < SLOTS; i++) {
        Snapshot each = block.slots.get(i);
        long least = each == null ? Long.MAX_VALUE : each.least();
        if (least >= 0 && least < horizon) {
          horizon = least;
        }
      }
    }
    return horizon;
  }

  /**
   * The oldest point at which a read-write transaction reads or may be about to, {@code future}
   * being the oldest at which one can yet begin to, read before this call.
   */
  long writersHorizon(long future) {
    long horizon = future;
    for (Block block = first; block != null; block = block.next.get()) {
      for (int i = 0; i < SLOTS; i++) {
        Snapshot each = block.slots.get(i);
        if (each == null) {
          continue;
        }
        boolean pending = each.at() == Snapshot.PENDING; // for what is not known yet
        long least = each.least();
        if (least >= 0 && least < horizon && (pending || each.validUntil() != null)) {
          horizon = least;
        }
      }
    }
    return horizon;
  }

  /** Whether somebody reads at a point from {@code from} on and below {@code to}, or may soon. */
  boolean anyWithin(long from, long to, long future) {
    if (future < to) {
      return true;
    }
    for (Block block = first; block != null; block = block.next.get()) {
      for (int i = 0; i < SLOTS; i++) {
        Snapshot each = block.slots.get(i);
        if (each == null) {
          continue;
        }
        long at = each.at();
        if (at == Snapshot.PENDING ? each.least() < to : at >= from && at < to) {
          return true;
        }
      }
    }
    return false;
  }

  /** The oldest snapshot that has been taken and not given up, or null. */
  @Nullable Snapshot oldest() {
    Snapshot oldest = null;
    long least = Long.MAX_VALUE;
    for (Block block = first; block != null; block = block.next.get()) {
      for (int i = 0; i < SLOTS; i++) {
        Snapshot each = block.slots.get(i);
        long at = each == null ? -1 : each.at();
        if (at > 0 && at < least) {
          least = at;
          oldest = each;
        }
      }
    }
    return oldest;
  }

  /** How many are registered. */
  int count() {
    int count = 0;
    for (Block block = first; block != null; block = block.next.get()) {
      for (int i = 0; i < SLOTS; i++) {
        count += block.slots.get(i) == null ? 0 : 1;
      }
    }
    return count;
  }
}
