package dev.redoubt.buffer;

/** Tells the processor what will be read next. Stateless. */
public final class PageTouch {
  private PageTouch() {}

  /**
   * Has the processor begin to fetch the first 256 and the last 64 bytes of a page that is in
   * memory, before it is asked for. Reads that depend on each other wait for memory one after the
   * other: entry of the table, frame, header, what the header leads to. These wait all at once, and
   * beside the frame. Only a hint, which costs some ten instructions; any page id will do.
   *
   * @return a number without meaning; if nothing depends on it, a compiler may leave all this out
   */
  public static long ahead(BufferPool pool, long pageId) {
    return pool.frames().touchAhead(pageId);
  }
}
