package dev.redoubt.wal;

import dev.redoubt.io.CorruptionException;
import dev.redoubt.io.GatedDisk;
import dev.redoubt.io.UnsupportedFormatException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The slots of a log. All are found and hold the log before anything can be truncated: at opening.
 * Thread-safe.
 */
final class Slots {
  private final GatedDisk disk;
  private final LogGeometry geometry;
  private final Holders holders;
  private final LongSupplier durableEnd;
  private final Runnable checkWritable;
  private final Function<FileLogSlot, LogTail> tails;

  /** Held over I/O: names are given and taken one after the other. */
  private final ReentrantLock slotsLatch = new ReentrantLock();

  /** Guarded by slotsLatch. */
  private final TreeMap<String, FileLogSlot> byName = new TreeMap<>();

  /**
   * @param checkWritable throws if the log cannot be written
   * @param tails opens a cursor at the place of a slot
   */
  Slots(
      LogReading reading,
      LongSupplier durableEnd,
      Runnable checkWritable,
      Function<FileLogSlot, LogTail> tails) {
    this.disk = reading.disk();
    this.geometry = reading.geometry();
    this.holders = reading.holders();
    this.durableEnd = durableEnd;
    this.checkWritable = checkWritable;
    this.tails = tails;
  }

  /**
   * Finds the slots on disk. A damaged one keeps nobody from the log: it is there under its name,
   * and says what is wrong when it is used.
   *
   * @param forceFirst false for inspection
   * @throws dev.redoubt.io.StorageIoException if a slot cannot be read: what it holds is not known
   */
  void load(boolean forceFirst) {
    for (String file : disk.list()) {
      if (SlotLayout.isFile(file)) {
        String name = SlotLayout.nameOf(file);
        put(name, read(name, forceFirst));
      }
    }
  }

  private FileLogSlot read(String name, boolean forceFirst) {
    SlotFile.Place place;
    try {
      place = SlotFile.read(disk, geometry, name, forceFirst);
    } catch (CorruptionException | UnsupportedFormatException e) {
      return FileLogSlot.damaged(this, name, e);
    }
    long end = durableEnd.getAsLong();
    if (place.confirmedLsn() > end || place.confirmedLsn() < 0) {
      return FileLogSlot.damaged(
          this,
          name,
          new CorruptionException(
              SlotLayout.file(name)
                  + " of "
                  + disk.description()
                  + " has confirmed LSN "
                  + place.confirmedLsn()
                  + "; expected one up to the durable end of the log, "
                  + end
                  + ": slot and log are not of the same moment. Delete the slot, take the"
                  + " follower's state afresh, and create the slot again"));
    }
    return FileLogSlot.at(this, place);
  }

  private void put(String name, FileLogSlot slot) {
    slotsLatch.lock();
    try {
      byName.put(name, slot);
    } finally {
      slotsLatch.unlock();
    }
  }

  LogSlot create(String name, long fromLsn, long maxRetainedBytes) {
    checkWritable.run();
    slotsLatch.lock();
    try {
      if (byName.containsKey(name)) {
        throw new IllegalStateException(
            "there is a slot '" + name + "' already; use it, or delete it first");
      }
      FileLogSlot slot =
          FileLogSlot.at(this, new SlotFile.Place(name, 0, fromLsn, maxRetainedBytes));
      try {
        slot.check();
        SlotFile.create(disk, geometry, new SlotFile.Place(name, 0, fromLsn, maxRetainedBytes));
      } catch (Throwable t) {
        slot.release();
        throw t;
      }
      byName.put(name, slot);
      return slot;
    } finally {
      slotsLatch.unlock();
    }
  }

  @Nullable LogSlot find(String name) {
    slotsLatch.lock();
    try {
      return byName.get(name);
    } finally {
      slotsLatch.unlock();
    }
  }

  List<LogSlot> list() {
    slotsLatch.lock();
    try {
      return new ArrayList<>(byName.values());
    } finally {
      slotsLatch.unlock();
    }
  }

  /**
   * For {@link FileLogSlot}: its file goes, and its hold; durably at return. If only that fails,
   * the slot is gone until a crash, which may bring it back.
   */
  void remove(FileLogSlot slot) {
    checkWritable.run();
    slotsLatch.lock();
    try {
      if (byName.get(slot.name()) == slot) {
        disk.delete(SlotLayout.file(slot.name()));
        byName.remove(slot.name());
        slot.release();
        disk.forceDirectory();
      }
    } finally {
      slotsLatch.unlock();
    }
  }

  /** For {@link FileLogSlot}: the place is durable at return. */
  void write(SlotFile.Place place) {
    checkWritable.run();
    disk.gate().check();
    SlotFile.write(disk, geometry, place);
  }

  void checkDurable(long lsn) {
    long end = durableEnd.getAsLong();
    if (lsn < 0 || lsn > end) {
      throw new IllegalArgumentException(
          "LSN " + lsn + " is beyond the durable end of the log, " + end);
    }
  }

  Holders holders() {
    return holders;
  }

  LogTail tail(FileLogSlot slot) {
    return tails.apply(slot);
  }
}
