package dev.redoubt.crash.oracle;

import dev.redoubt.crash.disk.SimDisk;
import dev.redoubt.io.DiskFile;
import dev.redoubt.io.ForwardingDisk;
import dev.redoubt.io.ForwardingFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

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
public final class AriesOracle extends ForwardingDisk {
  private static final String PAGES = "pages";
  private static final int PAGE_ID = 8;
  private static final int PAGE_LSN = 16;

  private final RawLog log;
  private final LogHistory history;

  private int pageSize;

  /** The checkpoint checked last, or found: before restart has taken one, homes may be torn. */
  private long checkedLsn;

  /** Watches {@code disk}, from its first byte or from a crash on. */
  public AriesOracle(SimDisk disk) {
    super(disk);
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
  protected DiskFile opened(DiskFile file) {
    return new Watched(file);
  }

  private final class Watched extends ForwardingFile {
    Watched(DiskFile file) {
      super(file);
    }

    @Override
    public void write(ByteBuffer src, long position) {
      if (name().equals(PAGES)) {
        checkPages(src);
      }
      super.write(src, position);
    }

    @Override
    public void force() {
      super.force();
      if (name().equals("master")) {
        checkMaster();
      }
    }
  }
}
