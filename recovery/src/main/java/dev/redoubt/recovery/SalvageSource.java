package dev.redoubt.recovery;

import dev.redoubt.io.Disk;
import dev.redoubt.io.Environment;
import dev.redoubt.io.NotAStoreException;
import dev.redoubt.io.StorageException;
import dev.redoubt.io.StoreLockedException;
import dev.redoubt.io.UnsupportedFormatException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The pages of a store that may be damaged, as well as they can be had, for a layer above that
 * saves what is in them. Nothing is ever written to the store's disk. Confined to one thread.
 *
 * <p>Three roads, the best that is open: (1) restart as always, in memory, with damaged pages in
 * quarantine; (2) the same with a master file made anew from the headers of the log's segments; (3)
 * the pages as they are stored, rolled forward by what is readable of the log, when restart cannot
 * be had at all. After 1 and 2 pages hold the state that restart leaves. After 3 nothing has been
 * undone, pages need not be of one moment, and {@link #isRecovered} is false.
 */
public abstract sealed class SalvageSource implements AutoCloseable
    permits RecoveredSource, StoredSource {
  /** What is known of the allocation of a page. */
  public enum Allocation {
    FREE,
    IN_USE,
    /** The part of the space map that would tell cannot be read. */
    UNKNOWN
  }

  /**
   * A page.
   *
   * @param bytes a copy, valid as a whole; null if there is no such page
   * @param problem why not; empty if there are bytes
   * @param outdated empty, or how it is known that later changes of the page are missing
   */
  public record Page(@Nullable MemorySegment bytes, String problem, String outdated) {
    static Page of(MemorySegment bytes) {
      return new Page(bytes, "", "");
    }

    static Page none(@Nullable String problem) {
      return new Page(null, problem == null ? "unreadable" : problem, "");
    }
  }

  /** What became of a transaction whose changes stand in the pages. */
  public enum Fate {
    /** It is prepared and awaits its coordinator's word. */
    IN_DOUBT,
    /** It did not commit, and a damaged page or log keeps it from being undone. */
    LOSER,
    /** Whether it committed stood where the log cannot be read. */
    UNDECIDED
  }

  /**
   * A transaction that has not ended.
   *
   * @param updates those that are still to be undone should it not have committed, newest first
   * @param problem empty, or why there may be more of them
   */
  public record Unfinished(
      long transactionId, Fate fate, List<LogRecord.Update> updates, String problem) {
    /** Copies the list. */
    public Unfinished {
      updates = List.copyOf(updates);
    }
  }

  SalvageSource() {}

  /**
   * Opens what is there.
   *
   * @param disk of the store, never written; belongs to the source from now on, and is closed if
   *     this fails
   * @param managers those of the layer above
   * @param memoryBytes memory that recovery may take
   * @throws NotAStoreException if nothing tells which store it is
   * @throws StoreLockedException if somebody has it open for writing
   * @throws UnsupportedFormatException if it is of another version
   */
  public static SalvageSource open(
      Disk disk, Environment environment, List<ResourceManager> managers, long memoryBytes) {
    return new SalvageOpening(disk, environment, managers, memoryBytes).open();
  }

  /** Bytes of a page. */
  public abstract int pageSize();

  /** Ids of pages are 1 to this. */
  public abstract long capacityPages();

  /** The page, as well as it can be had. */
  public abstract Page page(long pageId);

  /** Whether the page is in use. */
  public abstract Allocation allocation(long pageId);

  /** The entry of the root directory; null if there is none, or the directory cannot be read. */
  public abstract byte @Nullable [] root(String name);

  /** Transactions whose changes have not been taken back. */
  public abstract List<Unfinished> unfinished();

  /** Whether the pages hold the state that restart leaves. */
  public abstract boolean isRecovered();

  /** What the reader of the result has to know, a line each. */
  public abstract List<String> notes();

  @Override
  public abstract void close();

  static String message(StorageException e) {
    return String.valueOf(e.getMessage());
  }
}
