package dev.redoubt.crash.oracle;

import dev.redoubt.crash.disk.SimDisk;
import dev.redoubt.io.Disk;
import dev.redoubt.io.DiskFile;
import dev.redoubt.io.DiskLock;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * A door to a simulated disk that watches what an engine with this store's formats does to it, and
 * throws when that breaks a rule of ARIES:
 *
 * <ul>
 *   <li>a page on its way home, or to its copy, has a pageLSN below the durable end of the log;
 *   <li>a master record that has been forced names a checkpoint from which restart can work: its
 *       tables, moved on by the log behind its begin, give every transaction the state that the
 *       whole log gives it, and every page whose home lacks a record is in its dirty page table
 *       with a recLSN at or below that record, or the record comes later;
 *   <li>the bound of that master record, and so truncation, is at or below all of it.
 * </ul>
 *
 * <p>All of it is told from the durable bytes. Confined to one thread at a time.
 */
public final class AriesOracle implements Disk {
  private static final String PAGES = "pages";
  private static final int PAGE_ID = 8;
  private static final int PAGE_LSN = 16;

  private final SimDisk disk;
  private final RawLog log;
  private final LogHistory history;

  private int pageSize;

  /** The checkpoint checked last, or found: before restart has taken one, homes may be torn. */
  private long checkedLsn;

  /** Watches {@code disk}, from its first byte or from a crash on. */
  public AriesOracle(SimDisk disk) {
    this.disk = disk;
    this.log = new RawLog(disk::readDurable);
    this.history = new LogHistory(disk::readDurable);
    this.checkedLsn = log.master().checkpointLsn();
  }

  private void follow() {
    long from = log.end() == 0 ? log.master().boundLsn() : 0;
    log.follow(from).forEach(history::add);
  }

  private void checkPages(ByteBuffer bytes) {
    if (pageSize == 0) {
      pageSize = log.pageSize();
    }
    if (pageSize == 0) {
      return; // no durable master yet that tells it: a plant has held its force back
    }
    for (int at = bytes.position(); at + pageSize <= bytes.limit(); at += pageSize) {
      ByteBuffer page = bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN);
      long pageLsn = page.getLong(at + PAGE_LSN);
      if (pageLsn >= log.end()) {
        follow();
      }
      if (pageLsn != 0 && pageLsn >= log.end()) {
        throw new AssertionError(
            "write-ahead rule: page "
                + page.getLong(at + PAGE_ID)
                + " with pageLSN "
                + pageLsn
                + " goes home, the log is durable below "
                + log.end());
      }
    }
  }

  private void checkMaster() {
    RawLog.Master master = log.master();
    if (master.checkpointLsn() != checkedLsn) {
      checkedLsn = master.checkpointLsn();
      follow();
      history.check(master, log.pageSize());
    }
  }

  @Override
  public DiskFile open(String name, Access access, Caching caching) {
    return new Watched(disk.open(name, access, caching));
  }

  @Override
  public boolean exists(String name) {
    return disk.exists(name);
  }

  @Override
  public List<String> list() {
    return disk.list();
  }

  @Override
  public void rename(String from, String to) {
    disk.rename(from, to);
  }

  @Override
  public void delete(String name) {
    disk.delete(name);
  }

  @Override
  public void forceDirectory() {
    disk.forceDirectory();
  }

  @Override
  public DiskLock lock(String name) {
    return disk.lock(name);
  }

  @Override
  public String description() {
    return disk.description();
  }

  @Override
  public void close() {
    disk.close();
  }

  private final class Watched implements DiskFile {
    private final DiskFile file;

    Watched(DiskFile file) {
      this.file = file;
    }

    @Override
    public String name() {
      return file.name();
    }

    @Override
    public long size() {
      return file.size();
    }

    @Override
    public int read(ByteBuffer dst, long position) {
      return file.read(dst, position);
    }

    @Override
    public void write(ByteBuffer src, long position) {
      if (name().equals(PAGES)) {
        checkPages(src);
      }
      file.write(src, position);
    }

    @Override
    public void force() {
      file.force();
      if (name().equals("master")) {
        checkMaster();
      }
    }

    @Override
    public void close() {
      file.close();
    }
  }
}
