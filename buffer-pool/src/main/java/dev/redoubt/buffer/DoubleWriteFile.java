package dev.redoubt.buffer;

import dev.redoubt.buffer.PageStore.PageImage;
import dev.redoubt.io.Disk;
import dev.redoubt.io.DiskFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One area on disk that holds a copy of the batch of pages now on its way home. Confined: guarded
 * by the page store's lock.
 *
 * <p>Order (rule 8): copies written, forced; homes written, forced; only then may the area be
 * written again. So of a page torn at home there is always a whole copy here, and of a copy torn
 * here the home is always whole. A header that does not check out means that no home of its batch
 * was touched, and that all homes of the batch before it are durable.
 */
final class DoubleWriteFile {
  static final String NAME = "doublewrite";

  private final Disk disk;
  private final UUID storeId;
  private final int pageSize;
  private final boolean readOnly;

  /** Header block and images, as they go to the file. */
  private final MemorySegment area;

  private @Nullable DiskFile file;
  private boolean fullLength;
  private long lastBatchNumber;

  /**
   * @param readOnly whether nothing but {@link #readBatch} will be asked for
   */
  DoubleWriteFile(Disk disk, UUID storeId, int pageSize, boolean readOnly) {
    this.readOnly = readOnly;
    this.disk = disk;
    this.storeId = storeId;
    this.pageSize = pageSize;
    this.area = Arena.ofAuto().allocate(DoubleWriteLayout.fileBytes(pageSize), Disk.BLOCK_BYTES);
  }

  /** Fills the area with the images, in their order; nothing is written. */
  void load(List<PageImage> images) {
    DoubleWriteLayout.writeHeader(area, storeId, lastBatchNumber + 1, pageSize, images.size());
    for (int i = 0; i < images.size(); i++) {
      MemorySegment slot = image(i);
      slot.copyFrom(MemorySegment.ofBuffer(images.get(i).bytes().duplicate()));
      DoubleWriteLayout.writeEntry(
          area, i, images.get(i).pageId(), DoubleWriteLayout.imageChecksum(slot));
    }
    DoubleWriteLayout.seal(area);
  }

  /**
   * Writes and forces what {@link #load} put into the area.
   *
   * @param gently whether in small pieces, between which the disk can serve others
   */
  void writeCopies(int count, boolean gently) {
    DiskFile open = ready();
    lastBatchNumber++;
    long end = DoubleWriteLayout.imageOffset(count, pageSize);
    long step = gently ? FilePageStore.GENTLE_BYTES : end;
    for (long at = 0; at < end; at += step) {
      open.write(bytes(at, Math.min(step, end - at)), at);
    }
    open.force();
  }

  /** The bytes of {@code count} neighbouring images of the area. */
  ByteBuffer images(int first, int count) {
    return bytes(DoubleWriteLayout.imageOffset(first, pageSize), (long) count * pageSize);
  }

  MemorySegment image(int index) {
    return area.asSlice(DoubleWriteLayout.imageOffset(index, pageSize), pageSize);
  }

  /** A whole copy found in the file: its slot in the area, and its page. */
  record Copy(int index, long pageId) {}

  /**
   * Reads the batch in the file into the area. Returns its copies that are whole; none if there is
   * no file or no whole header.
   */
  List<Copy> readBatch(PageVerifier verifier) {
    List<Copy> copies = new ArrayList<>();
    if (!disk.exists(NAME)) {
      return copies;
    }
    DiskFile open = openFile(readOnly ? Disk.Access.READ : Disk.Access.WRITE);
    area.fill((byte) 0);
    open.read(bytes(0, area.byteSize()), 0);
    if (!DoubleWriteLayout.isValid(area, storeId, pageSize)) {
      return copies;
    }
    lastBatchNumber = area.get(PageLayout.LONG, DoubleWriteLayout.AT_BATCH_NUMBER);
    int count = area.get(PageLayout.INT, DoubleWriteLayout.AT_COUNT);
    for (int i = 0; i < count; i++) {
      long pageId = DoubleWriteLayout.entryPageId(area, i);
      boolean whole =
          DoubleWriteLayout.imageChecksum(image(i)) == DoubleWriteLayout.entryChecksum(area, i)
              && verifier.problem(image(i), pageId, PageVerifier.NO_LOG_END, NAME) == null;
      if (whole) {
        copies.add(new Copy(i, pageId));
      }
    }
    return copies;
  }

  /**
   * Makes what was read durable before any home depends on it: after the death of a process the
   * copies may be readable without ever having been forced (rule 13).
   */
  void forceCopies() {
    if (file != null) {
      file.force();
    }
  }

  /** Opens the file, or makes it at full length, so that no later batch needs space. */
  DiskFile ready() {
    DiskFile open = file;
    if (open != null && fullLength) {
      return open;
    }
    boolean isNew = !disk.exists(NAME);
    open = openFile(isNew ? Disk.Access.CREATE : Disk.Access.WRITE);
    long want = DoubleWriteLayout.fileBytes(pageSize);
    long have = open.size() / Disk.BLOCK_BYTES * Disk.BLOCK_BYTES;
    if (have < want) {
      MemorySegment zeros = Arena.ofAuto().allocate(want - have, Disk.BLOCK_BYTES);
      open.write(zeros.asByteBuffer(), have);
      open.force();
    }
    if (isNew) {
      disk.forceDirectory();
    }
    fullLength = true;
    return open;
  }

  /** Deletes the file: pages will be written without copies, and an old one must not be found. */
  void remove() {
    close();
    if (disk.exists(NAME)) {
      disk.delete(NAME);
      disk.forceDirectory();
    }
  }

  void close() {
    if (file != null) {
      file.close();
      file = null;
      fullLength = false;
    }
  }

  private DiskFile openFile(Disk.Access access) {
    DiskFile open = file;
    if (open == null) {
      // Nobody reads it but restart: the system's cache would only hold it up.
      open = disk.open(NAME, access, Disk.Caching.DIRECT);
      file = open;
    }
    return open;
  }

  private ByteBuffer bytes(long offset, long length) {
    return area.asSlice(offset, length).asByteBuffer();
  }
}
