package dev.redoubt.wal;

import dev.redoubt.io.StorageException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A slot of an open log. The order of a confirmation: the new place is forced, and only then does
 * the hold move. The other way round, a crash in between could leave the older place with its log
 * already recycled.
 */
final class FileLogSlot implements LogSlot {
  private final Slots slots;
  private final String name;
  private final @Nullable StorageException damage;

  /** Held over I/O: places are written one after the other. */
  private final ReentrantLock slotLatch = new ReentrantLock();

  private volatile SlotFile.Place place;
  private volatile @Nullable LogHolder holder;
  private volatile boolean lost;

  private FileLogSlot(Slots slots, SlotFile.Place place, @Nullable StorageException damage) {
    this.slots = slots;
    this.name = place.name();
    this.place = place;
    this.damage = damage;
  }

  /** A slot of which nothing but its name is known. */
  static FileLogSlot damaged(Slots slots, String name, StorageException why) {
    return new FileLogSlot(slots, new SlotFile.Place(name, 0, 0, 0), why);
  }

  /** A slot that holds the log from its place on, or has lost it. */
  static FileLogSlot at(Slots slots, SlotFile.Place place) {
    FileLogSlot slot = new FileLogSlot(slots, place, null);
    Holders holders = slots.holders();
    if (place.confirmedLsn() < holders.startLsn()) {
      slot.lost = true;
    } else {
      slot.holder =
          holders.hold(
              "slot " + place.name(),
              place.confirmedLsn(),
              place.maxRetainedBytes(),
              () -> slot.lost = true);
    }
    return slot;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public State state() {
    if (damage != null) {
      return State.DAMAGED;
    }
    return lost ? State.LOST : State.HOLDING;
  }

  @Override
  public long confirmedLsn() {
    return place.confirmedLsn();
  }

  @Override
  public long maxRetainedBytes() {
    return place.maxRetainedBytes();
  }

  /** Throws unless the slot holds the log. */
  void check() {
    StorageException why = damage;
    if (why != null) {
      throw why;
    }
    if (lost) {
      throw lost(confirmedLsn(), slots.holders().startLsn());
    }
  }

  LogPositionLostException lost(long fromLsn, long toLsn) {
    return new LogPositionLostException(
        "the slot '" + name + "'",
        fromLsn,
        Math.max(fromLsn, toLsn),
        "it held more than its "
            + maxRetainedBytes()
            + " bytes, or had to give way to the log's cap");
  }

  @Override
  public void confirm(long lsn) {
    slotLatch.lock();
    try {
      check();
      slots.checkDurable(lsn);
      if (lsn > place.confirmedLsn()) {
        SlotFile.Place next = place.confirmed(lsn);
        slots.write(next);
        place = next;
        LogHolder held = holder;
        if (held != null) {
          held.advance(lsn);
        }
      }
    } finally {
      slotLatch.unlock();
    }
  }

  @Override
  public LogTail tail() {
    check();
    return slots.tail(this);
  }

  @Override
  public void delete() {
    slotLatch.lock();
    try {
      slots.remove(this);
    } finally {
      slotLatch.unlock();
    }
  }

  /** Ends the hold; the slot is of no more use. */
  void release() {
    LogHolder held = holder;
    lost = true;
    if (held != null) {
      held.close();
    }
  }

  @Override
  public String toString() {
    return "slot " + name + ", " + state() + ", confirmed " + confirmedLsn();
  }
}
