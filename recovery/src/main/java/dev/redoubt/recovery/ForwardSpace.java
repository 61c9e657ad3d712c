package dev.redoubt.recovery;

import dev.redoubt.wal.Log;
import dev.redoubt.wal.LogReservation;

/**
 * Space for structure changes outside of undo. They never wait at the cap of the log, unless they
 * say that they may: they take from its headroom, and are refused beyond the cap itself.
 * Thread-safe.
 */
final class ForwardSpace implements StructureSpace {
  private final Log log;
  private final WalCap cap;
  private final SpaceMap space;
  private final int pageSize;

  ForwardSpace(Log log, WalCap cap, SpaceMap space, int pageSize) {
    this.log = log;
    this.cap = cap;
    this.space = space;
    this.pageSize = pageSize;
  }

  @Override
  public ChangeRoom room(int changes) {
    LogReservation reservation = log.reserve(0);
    long bytes = ChangeRoom.bytes(pageSize, changes);
    cap.extendFromHeadroom(reservation, bytes);
    return new ChangeRoom((_, _) -> reservation.close(), bytes);
  }

  @Override
  public void awaitRoom(int changes) {
    try (LogReservation reservation = log.reserve(0)) {
      cap.extend(reservation, ChangeRoom.bytes(pageSize, changes), null);
    }
  }

  @Override
  public long reservePage() {
    return space.reserve();
  }
}
