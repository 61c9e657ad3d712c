package dev.redoubt.recovery;

import dev.redoubt.buffer.PageLayout;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * A page as it stands on disk, which may be older than what the log knows of it.
 *
 * @param pageId its place in the file
 * @param bytes the whole page, read-only
 * @param neverWritten whether it is all zeros: allocated in the file and not written yet
 * @param problem what is wrong with it (checksum, page id, pageLSN past the log); null if nothing
 *     is
 */
public record StoredPage(
    long pageId, MemorySegment bytes, boolean neverWritten, @Nullable String problem) {

  /** What the type of the page means, as far as the engine knows. */
  public String engineType() {
    return switch (PageLayout.type(bytes)) {
      case 0 -> "never formatted";
      case PageTypes.SPACE_MAP -> "space map";
      case PageTypes.ROOT_DIRECTORY -> "root directory";
      case PageTypes.MEMORY_DATA -> "recoverable memory";
      case PageLayout.GIVEN_UP -> "given up";
      case PageTypes.MEMORY_INDEX -> "index of a recoverable memory";
      default -> "not known";
    };
  }
}
