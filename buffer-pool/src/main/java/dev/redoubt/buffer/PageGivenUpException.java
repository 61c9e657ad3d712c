package dev.redoubt.buffer;

import dev.redoubt.io.CorruptionException;
import org.jspecify.annotations.Nullable;

/**
 * The page was damaged beyond repair, and an operator has given it up: what was on it is lost for
 * good, and its place says so. Formatting it anew lifts this.
 */
public final class PageGivenUpException extends CorruptionException {
  private static final long serialVersionUID = 1L;

  private final long pageId;
  private final long lsn;

  PageGivenUpException(long pageId, long lsn) {
    super(
        "page "
            + pageId
            + " was damaged and has been given up, at LSN "
            + lsn
            + ": what was on it is lost. The rest of the store is readable.");
    this.pageId = pageId;
    this.lsn = lsn;
  }

  /** The page. */
  public long pageId() {
    return pageId;
  }

  /** No record below this LSN is to be applied to the page any more. */
  public long lsn() {
    return lsn;
  }

  /** The one among a failure and its causes; null if there is none. */
  public static @Nullable PageGivenUpException in(@Nullable Throwable failure) {
    for (Throwable each = failure; each != null; each = each.getCause()) {
      if (each instanceof PageGivenUpException givenUp) {
        return givenUp;
      }
    }
    return null;
  }
}
