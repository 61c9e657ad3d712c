package dev.redoubt.io;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A disk over another one that it only reads: what is written, created, renamed and deleted here
 * stays in memory and is gone when this is closed. So whatever changes its files while it opens
 * them, such as restart, can run over files that must not change. Thread-safe.
 *
 * <p>Files below are opened for reading alone, and the lock is shared: it keeps those out who want
 * to write below, is refused while one of them is there, and is compatible with itself. Nothing is
 * ever forced. What is kept: blocks that are not zero, 4096 bytes each.
 */
public final class OverlayDisk implements Disk {
  private final Disk base;
  private final long maxBytes;
  private final String limitName;
  private final AtomicLong usedBytes = new AtomicLong();
  private final ReentrantLock latch = new ReentrantLock();

  /** Files by their names here; one of the base enters when it is first opened or renamed. */
  private final Map<String, OverlayContent> files = new HashMap<>();

  /** Names of the base that are not names here any more. */
  private final Set<String> hidden = new HashSet<>();

  private final List<OverlayContent> opened = new ArrayList<>();

  /**
   * An overlay without any change yet. Nothing is read.
   *
   * @param base closed with this disk
   * @param maxBytes most memory that changes may take; beyond it a write is a {@link
   *     DiskFullException}
   * @param limitName how its user calls that limit, for the message
   */
  public OverlayDisk(Disk base, long maxBytes, String limitName) {
    this.base = base;
    this.maxBytes = maxBytes;
    this.limitName = limitName;
  }

  /** Memory that changed blocks take, in bytes. */
  public long usedBytes() {
    return usedBytes.get();
  }

  @Override
  public DiskFile open(String name, Access access, Caching caching) {
    Disk.plainName(name);
    latch.lock();
    try {
      OverlayContent content;
      if (access == Access.CREATE) {
        if (exists(name)) {
          throw new StorageIoException("create failed: " + name + " exists in " + description());
        }
        content = keep(new OverlayContent(this, null));
        files.put(name, content);
      } else {
        content = content(name, "open");
      }
      return new OverlayFile(name, content, access != Access.READ, caching);
    } finally {
      latch.unlock();
    }
  }

  /** The file of that name; the latch is held. */
  private OverlayContent content(String name, String call) {
    OverlayContent content = files.get(name);
    if (content == null) {
      if (!exists(name)) {
        throw new StorageIoException(call + " failed: no " + name + " in " + description());
      }
      content = keep(new OverlayContent(this, base.open(name, Access.READ, Caching.BUFFERED)));
      files.put(name, content);
    }
    return content;
  }

  private OverlayContent keep(OverlayContent content) {
    opened.add(content);
    return content;
  }

  @Override
  public boolean exists(String name) {
    Disk.plainName(name);
    latch.lock();
    try {
      return files.containsKey(name) || (!hidden.contains(name) && base.exists(name));
    } finally {
      latch.unlock();
    }
  }

  @Override
  public List<String> list() {
    latch.lock();
    try {
      TreeSet<String> names = new TreeSet<>(base.list());
      names.removeAll(hidden);
      names.addAll(files.keySet());
      return List.copyOf(names);
    } finally {
      latch.unlock();
    }
  }

  @Override
  public void rename(String from, String to) {
    Disk.plainName(from);
    Disk.plainName(to);
    latch.lock();
    try {
      OverlayContent moved = content(from, "rename");
      if (!from.equals(to)) {
        remove(from);
        OverlayContent replaced = files.put(to, moved);
        if (replaced != null) {
          replaced.release();
        }
      }
    } finally {
      latch.unlock();
    }
  }

  @Override
  public void delete(String name) {
    Disk.plainName(name);
    latch.lock();
    try {
      content(name, "delete").release();
      remove(name);
    } finally {
      latch.unlock();
    }
  }

  private void remove(String name) {
    files.remove(name);
    hidden.add(name);
  }

  @Override
  public void forceDirectory() {
    // Nothing here outlives this disk.
  }

  @Override
  public DiskLock lock(String name) {
    DiskLock shared = base.lockShared(name);
    latch.lock();
    try {
      if (!exists(name)) {
        files.put(name, keep(new OverlayContent(this, null)));
      }
    } finally {
      latch.unlock();
    }
    return shared;
  }

  @Override
  public DiskLock lockShared(String name) {
    return base.lockShared(name);
  }

  @Override
  public String description() {
    return base.description();
  }

  @Override
  public String toString() {
    return description() + ", changes in memory";
  }

  /** Closes the disk below; changes are gone. */
  @Override
  public void close() {
    latch.lock();
    try {
      opened.forEach(OverlayContent::close);
      opened.clear();
    } finally {
      latch.unlock();
    }
    base.close();
  }

  /** Room for another block of a file, or an exception. */
  void take(long bytes) {
    if (usedBytes.addAndGet(bytes) > maxBytes) {
      usedBytes.addAndGet(-bytes);
      throw new DiskFullException(
          description()
              + " is open for reading only, and what has to be changed in memory takes more than "
              + limitName
              + ", "
              + maxBytes
              + " bytes; raise it, or open for writing once");
    }
  }

  void giveBack(long bytes) {
    usedBytes.addAndGet(-bytes);
  }
}
