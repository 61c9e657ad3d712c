package dev.redoubt.buffer;

import dev.redoubt.io.Disk;
import dev.redoubt.io.DiskFile;
import dev.redoubt.io.DiskFullException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The file of pages and how it grows. Reading is safe beside anything; writing, growing and forcing
 * are guarded by the page store's lock.
 */
final class PageFile {
  /** The file grows by an eighth, but at least and at most by so many bytes. */
  private static final int MIN_GROWTH_BYTES = 256 << 10;

  private static final int MAX_GROWTH_BYTES = 16 << 20;

  private static final int ZEROS_BYTES = 1 << 20;

  private final @Nullable DiskFile file;
  private final @Nullable DiskFile past;
  private final int pageSize;
  private volatile long capacityPages;

  /**
   * @param file null for a store whose file is missing: it has no page
   * @param past the same file, past the operating system's cache, or {@code file} itself if that
   *     is; null if nothing is written
   * @param bytes length of the file; 0 if there is none
   */
  PageFile(@Nullable DiskFile file, @Nullable DiskFile past, long bytes, int pageSize) {
    this.file = file;
    this.past = past;
    this.pageSize = pageSize;
    this.capacityPages = Math.max(0, bytes / pageSize - 1);
  }

  long capacityPages() {
    return capacityPages;
  }

  /** Fills {@code dst} from the place of the page; with zeros where the file has ended. */
  void read(long pageId, ByteBuffer dst) {
    if (file != null) {
      file.read(dst, pageId * pageSize);
    }
    while (dst.hasRemaining()) {
      dst.put((byte) 0);
    }
  }

  /** Writes neighbouring pages, the first of which is {@code pageId}. */
  void write(long pageId, ByteBuffer images) {
    existing(file).write(images, pageId * pageSize);
  }

  void force() {
    existing(file).force();
  }

  /** The same, past the operating system's cache; durable after {@link #forcePast}. */
  void writePast(long pageId, ByteBuffer images) {
    existing(past).write(images, pageId * pageSize);
  }

  /** Makes what {@link #writePast} wrote durable. */
  void forcePast() {
    existing(past).force();
  }

  /**
   * Zero-fills up to {@code wantedPages}, and further if there is space. Nothing counts before
   * {@link #force} and {@link #grown}.
   *
   * @return to how many pages
   */
  long zeroFill(long wantedPages) {
    long growth = Math.clamp(capacityPages * pageSize / 8, MIN_GROWTH_BYTES, MAX_GROWTH_BYTES);
    long generous = Math.max(wantedPages, capacityPages + growth / pageSize);
    try {
      zeroFillTo(generous);
      return generous;
    } catch (DiskFullException e) {
      if (generous == wantedPages) {
        throw e;
      }
    }
    zeroFillTo(wantedPages);
    return wantedPages;
  }

  /** What was zero-filled has been forced. */
  void grown(long pages) {
    capacityPages = pages;
  }

  private void zeroFillTo(long pages) {
    // Page 0 is not used, and is zeros like all the rest.
    long position = capacityPages == 0 ? 0 : (capacityPages + 1) * pageSize;
    long end = (pages + 1) * pageSize;
    MemorySegment zeros =
        Arena.ofAuto().allocate(Math.min(ZEROS_BYTES, end - position), Disk.BLOCK_BYTES);
    while (position < end) {
      long length = Math.min(zeros.byteSize(), end - position);
      existing(file).write(zeros.asSlice(0, length).asByteBuffer(), position);
      position += length;
    }
  }

  private static DiskFile existing(@Nullable DiskFile open) {
    if (open == null) {
      throw new IllegalStateException("the store has no file of pages");
    }
    return open;
  }

  void close() {
    try (DiskFile _ = file;
        DiskFile _ = past) {
      // Both are closed, whichever fails; the same one twice does no harm.
    }
  }
}
