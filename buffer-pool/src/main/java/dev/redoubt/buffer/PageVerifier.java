package dev.redoubt.buffer;

import dev.redoubt.io.CorruptionException;
import dev.redoubt.io.StorageException;
import dev.redoubt.io.UnsupportedFormatException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Seals pages on their way out and judges them when they come back. A stored page is valid if and
 * only if (1) its checksum matches, seeded with the store and with the place it was read from, (2)
 * its version is known, (3) its type is not 0 and its reserved bytes are, (4) it carries the id of
 * its place, and (5) its pageLSN is below the end of the log. Immutable, safe from any thread.
 */
public final class PageVerifier {
  /** Pass as the end of the log when there is none to compare with: condition 5 then holds. */
  public static final long NO_LOG_END = Long.MAX_VALUE;

  /** How a message about one page ends. */
  static final String REMEDY =
      ". The rest of the store is readable; restore this page from a backup, or "
          + CorruptionException.SALVAGE
          + ".";

  private final UUID storeId;
  private final int pageSize;

  /**
   * @param pageSize a power of two from 4096 to 65536
   * @throws IllegalArgumentException if it is not
   */
  public PageVerifier(UUID storeId, int pageSize) {
    this.storeId = storeId;
    this.pageSize = PageLayout.checkPageSize(pageSize);
  }

  /** The checksum that these bytes should carry as page {@code pageId} of this store. */
  public int checksum(MemorySegment page, long pageId) {
    if (page.byteSize() != pageSize) {
      throw new IllegalArgumentException(
          "a page of " + pageSize + " bytes, not of " + page.byteSize());
    }
    ByteBuffer seed = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN);
    seed.putLong(storeId.getMostSignificantBits());
    seed.putLong(storeId.getLeastSignificantBits());
    seed.putLong(pageId).flip();
    CRC32C crc = new CRC32C();
    crc.update(seed);
    crc.update(page.asSlice(PageLayout.TYPE).asByteBuffer());
    return (int) crc.getValue();
  }

  /** Writes the checksum into the page. The page must not change any more before it is stored. */
  public void seal(MemorySegment page, long pageId) {
    page.set(PageLayout.INT, PageLayout.CHECKSUM, checksum(page, pageId));
  }

  /** Writes a pageLSN and then the checksum: for pages that no pool has, such as those salvaged. */
  public void seal(MemorySegment page, long pageId, long pageLsn) {
    PageLayout.setPageLsn(page, pageLsn);
    seal(page, pageId);
  }

  /**
   * Writes a checksum that does not match, by inverting it, into an intact page that is known to be
   * wrong all the same: whoever reads it will notice. The rest of the page is left for salvage.
   */
  public void condemn(MemorySegment page, long pageId) {
    page.set(PageLayout.INT, PageLayout.CHECKSUM, ~checksum(page, pageId));
  }

  /**
   * What an intact page says of itself if it was given up; null if it is any other page. Whoever
   * puts pages to use asks for this besides {@link #problem}.
   */
  public static @Nullable PageGivenUpException givenUp(MemorySegment page) {
    return PageLayout.type(page) == PageLayout.GIVEN_UP
        ? new PageGivenUpException(PageLayout.pageId(page), PageLayout.pageLsn(page))
        : null;
  }

  /** Whether every byte is zero: what a page is before anything was formatted in its place. */
  public static boolean isBlank(MemorySegment page) {
    long words = page.byteSize() / Long.BYTES;
    for (long word = 0; word < words; word++) {
      if (page.get(PageLayout.LONG, word * Long.BYTES) != 0) {
        return false;
      }
    }
    return true;
  }

  /**
   * What is wrong with the bytes read from the place of page {@code pageId}; null if nothing is.
   *
   * @param logEndLsn end of the log (exclusive), or {@link #NO_LOG_END}
   * @param location the place in words, for the message
   * @return {@link CorruptionException}, or {@link UnsupportedFormatException} for an intact page
   *     of a later format
   */
  public @Nullable StorageException problem(
      MemorySegment page, long pageId, long logEndLsn, String location) {
    int expected = checksum(page, pageId);
    if (PageLayout.checksum(page) != expected) {
      return damaged(page, pageId, expected, location);
    }
    if (PageLayout.version(page) != PageLayout.FORMAT_VERSION) {
      return new UnsupportedFormatException(
          intro(page, pageId, location)
              + " has page format "
              + PageLayout.version(page)
              + ", this program reads "
              + PageLayout.FORMAT_VERSION
              + "; use a newer one");
    }
    if (PageLayout.pageId(page) != pageId) {
      return wrong(page, pageId, location, "page id", pageId, PageLayout.pageId(page));
    }
    if (PageLayout.type(page) == 0) {
      return wrong(page, pageId, location, "page type", "1 to 255", 0);
    }
    if (PageLayout.reservedBits(page) != 0) {
      return wrong(page, pageId, location, "reserved bytes", 0, PageLayout.reservedBits(page));
    }
    if (PageLayout.pageLsn(page) >= logEndLsn) {
      String below = "below the end of the log, " + logEndLsn;
      return wrong(page, pageId, location, "pageLSN", below, PageLayout.pageLsn(page));
    }
    return null;
  }

  /** The checksum does not match: says which of the three known ways it went wrong. */
  private CorruptionException damaged(
      MemorySegment page, long pageId, int expected, String location) {
    if (isBlank(page)) {
      return new CorruptionException(
          "page "
              + pageId
              + " ("
              + location
              + ") was never formatted: expected a page, found zeros"
              + REMEDY);
    }
    long carriedId = PageLayout.pageId(page);
    if (carriedId != pageId && PageLayout.checksum(page) == checksum(page, carriedId)) {
      return new CorruptionException(
          intro(page, pageId, location)
              + " holds another page, intact (a misdirected write): expected page id "
              + pageId
              + ", found "
              + carriedId
              + REMEDY);
    }
    return wrong(
        page,
        pageId,
        location,
        "checksum",
        Integer.toHexString(expected),
        Integer.toHexString(PageLayout.checksum(page)));
  }

  private static CorruptionException wrong(
      MemorySegment page,
      long pageId,
      String location,
      String what,
      Object expected,
      Object found) {
    return new CorruptionException(
        intro(page, pageId, location)
            + " is damaged: "
            + what
            + " expected "
            + expected
            + ", found "
            + found
            + REMEDY);
  }

  private static String intro(MemorySegment page, long pageId, String location) {
    return "page "
        + pageId
        + " (owner "
        + Integer.toUnsignedString(PageLayout.owner(page))
        + ", "
        + location
        + ")";
  }
}
