package dev.redoubt.recovery;

import dev.redoubt.buffer.PageGuard;
import dev.redoubt.buffer.PageLayout;
import dev.redoubt.io.CorruptionException;
import dev.redoubt.io.EngineHaltedException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A named range of bytes whose changes are transactional and durable: for an application that wants
 * its state to survive kill -9 without a database. Only pages that changed are ever written, so
 * checkpoints are incremental. Thread-safe.
 *
 * <p>A transaction owns the ranges it writes until it ends. Readers see the bytes as they are,
 * unfinished changes of others included: applications that mind do not read what others write.
 *
 * {@snippet :
 * RecoverableMemory memory = RecoverableMemory.open(engine, "grid", 1 << 20);
 * Transaction step = engine.begin();
 * memory.write(step, 0, MemorySegment.ofArray(bytes));
 * engine.log().force(step.commit());
 * step.end();
 * }
 */
public final class RecoverableMemory {
  private final Engine engine;
  private final MemoryManager manager;
  private final String name;
  private final long lengthBytes;
  private final long[] pageIds;
  private final int dataBytes;
  private final RangeOwnership ownership;

  private RecoverableMemory(Engine engine, String name, long lengthBytes, long[] pageIds) {
    this.engine = engine;
    this.manager = manager(engine);
    this.name = name;
    this.lengthBytes = lengthBytes;
    this.pageIds = pageIds;
    this.dataBytes = MemoryLayout.dataBytes(engine.pool().pageSize());
    this.ownership = new RangeOwnership(name);
    ownAgain();
  }

  /**
   * Opens the memory of this name, or makes it, all zeros, in a transaction of its own that is
   * durable at return. One opening at a time shares ownership: keep the object.
   *
   * @param lengthBytes its length, above 0; the same as when it was made
   * @throws IllegalArgumentException if it exists with another length, or the name is over 57 bytes
   * @throws dev.redoubt.io.DiskFullException if there is no space; nothing was made
   */
  public static RecoverableMemory open(Engine engine, String name, long lengthBytes) {
    if (lengthBytes < 1) {
      throw new IllegalArgumentException("a memory of " + lengthBytes + " bytes");
    }
    String root = "memory/" + name;
    byte[] entry = engine.roots().get(root);
    if (entry == null) {
      return new RecoverableMemory(engine, name, lengthBytes, create(engine, root, lengthBytes));
    }
    ByteBuffer in = ByteBuffer.wrap(entry).order(ByteOrder.LITTLE_ENDIAN);
    long firstIndex = in.getLong();
    long storedBytes = in.getLong();
    if (storedBytes != lengthBytes) {
      throw new IllegalArgumentException(
          "memory " + name + " has " + storedBytes + " bytes, not " + lengthBytes);
    }
    return new RecoverableMemory(
        engine, name, lengthBytes, readIndex(engine, firstIndex, lengthBytes));
  }

  private static MemoryManager manager(Engine engine) {
    return (MemoryManager) engine.managers().get(MemoryManager.ID);
  }

  private static int pagesFor(Engine engine, long lengthBytes) {
    int each = MemoryLayout.dataBytes(engine.pool().pageSize());
    return Math.toIntExact((lengthBytes + each - 1) / each);
  }

  private static long[] create(Engine engine, String root, long lengthBytes) {
    MemoryManager manager = manager(engine);
    long[] ids = new long[pagesFor(engine, lengthBytes)];
    AtomicChange change = new AtomicChange();
    Transaction making = engine.begin();
    try {
      for (int i = 0; i < ids.length; i++) {
        ids[i] = makePage(engine, making, change, MemorySegment.NULL);
      }
      int each = MemoryLayout.idsPerIndex(engine.pool().pageSize());
      long next = 0;
      for (int from = (ids.length - 1) / each * each; from >= 0; from -= each) {
        long[] part = Arrays.copyOfRange(ids, from, Math.min(ids.length, from + each));
        next = makePage(engine, making, change, indexBody(next, part));
      }
      ByteBuffer entry = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
      entry.putLong(next).putLong(lengthBytes);
      engine.roots().addPut(change.reset(), root, entry.array());
      making.update(change, manager);
      engine.log().force(making.commit());
      making.end();
    } catch (EngineHaltedException halted) {
      throw halted;
    } catch (Throwable failure) {
      if (making.state() == Transaction.State.ACTIVE) {
        making.rollback();
      }
      throw failure;
    }
    return ids;
  }

  private static MemorySegment indexBody(long next, long[] ids) {
    ByteBuffer body = ByteBuffer.allocate(12 + 8 * ids.length).order(ByteOrder.LITTLE_ENDIAN);
    body.putLong(next).putInt(ids.length);
    Arrays.stream(ids).forEach(body::putLong);
    return MemorySegment.ofArray(body.array());
  }

  /** Allocates and formats one page: an index if it has a body, else data. */
  private static long makePage(
      Engine engine, Transaction making, AtomicChange change, MemorySegment index) {
    MemoryManager manager = manager(engine);
    int indexBytes = Math.toIntExact(index.byteSize());
    making.reserve(indexBytes + 128L);
    long pageId = engine.space().reserve();
    try (PageGuard guard = engine.pool().fresh(pageId)) {
      change.reset().format(guard, manager);
      if (indexBytes == 0) {
        change.putByte(MemoryManager.FORMAT_DATA);
      } else {
        change.putByte(MemoryManager.FORMAT_INDEX).putBytes(index, 0, indexBytes);
      }
      engine.space().addAllocate(change, pageId);
      making.update(change, manager);
    } catch (Throwable failure) {
      engine.space().cancel(pageId);
      throw failure;
    }
    return pageId;
  }

  private static long[] readIndex(Engine engine, long firstIndex, long lengthBytes) {
    long[] ids = new long[pagesFor(engine, lengthBytes)];
    int at = 0;
    long index = firstIndex;
    while (index != 0) {
      try (PageGuard guard = engine.pool().shared(index)) {
        MemorySegment page = guard.page();
        int count = page.get(PayloadWriter.INT, MemoryLayout.COUNT);
        if (PageLayout.type(page) != PageTypes.MEMORY_INDEX
            || count < 1
            || count > ids.length - at) {
          throw new CorruptionException(
              "page "
                  + index
                  + " expected to be an index of at most "
                  + (ids.length - at)
                  + " pages, found type "
                  + PageLayout.type(page)
                  + " with "
                  + count);
        }
        for (int i = 0; i < count; i++) {
          ids[at++] = page.get(PayloadWriter.LONG, MemoryLayout.IDS + 8L * i);
        }
        index = page.get(PayloadWriter.LONG, MemoryLayout.NEXT);
      }
    }
    if (at != ids.length) {
      throw new CorruptionException(
          "the index of a memory expected to name " + ids.length + " pages, found " + at);
    }
    return ids;
  }

  /** What transactions wrote that restart left unfinished stays theirs (rules 17 and 18). */
  private void ownAgain() {
    List<Transaction> unfinished = engine.unfinished();
    if (unfinished.isEmpty()) {
      return;
    }
    Map<Long, Integer> indexOf = new HashMap<>();
    for (int i = 0; i < pageIds.length; i++) {
      indexOf.put(pageIds[i], i);
    }
    for (Transaction transaction : unfinished) {
      List<LogRecord.PageChange> writes = new ArrayList<>();
      engine.forEachUpdate(
          transaction,
          update -> update.changes().stream().filter(MemoryManager::isWrite).forEach(writes::add));
      for (LogRecord.PageChange write : writes) {
        Integer index = indexOf.get(write.pageId());
        if (index != null) {
          MemoryManager.Range range = MemoryManager.range(write.body());
          long from = (long) index * dataBytes + range.offset() - PageLayout.HEADER_BYTES;
          claim(transaction, from, from + range.lengthBytes());
        }
      }
    }
  }

  private void claim(Transaction transaction, long from, long to) {
    if (ownership.claim(transaction.id(), from, to)) {
      transaction.onEnd(() -> ownership.release(transaction.id()));
    }
  }

  /** Its length in bytes. */
  public long lengthBytes() {
    return lengthBytes;
  }

  /**
   * Copies bytes from {@code offset} on into all of {@code target}, page by page.
   *
   * @throws IndexOutOfBoundsException if they do not lie inside
   * @throws CorruptionException if a page is damaged; part of the target may be filled
   */
  public void read(long offset, MemorySegment target) {
    long length = target.byteSize();
    Objects.checkFromIndexSize(offset, length, lengthBytes);
    long done = 0;
    while (done < length) {
      long at = offset + done;
      long inPage = at % dataBytes;
      long part = Math.min(length - done, dataBytes - inPage);
      try (PageGuard guard = engine.pool().shared(pageIds[(int) (at / dataBytes)])) {
        MemorySegment.copy(guard.page(), PageLayout.HEADER_BYTES + inPage, target, done, part);
      }
      done += part;
    }
  }

  /**
   * Writes all of {@code source} from {@code offset} on, in {@code transaction}, which owns the
   * range until it ends. Bytes that do not change are not logged.
   *
   * @throws IndexOutOfBoundsException if the range does not lie inside
   * @throws RangeConflictException if another transaction owns part of it
   * @throws dev.redoubt.io.DiskFullException if there is no log space. After any of these nothing
   *     of this call remains and the transaction lives
   */
  public void write(Transaction transaction, long offset, MemorySegment source) {
    Objects.checkFromIndexSize(offset, source.byteSize(), lengthBytes);
    if (source.byteSize() == 0) {
      return;
    }
    claim(transaction, offset, offset + source.byteSize());
    Savepoint before = transaction.savepoint();
    try {
      writePages(transaction, offset, source);
    } catch (EngineHaltedException halted) {
      throw halted;
    } catch (RuntimeException failure) {
      transaction.rollbackTo(before);
      throw failure;
    }
  }

  private void writePages(Transaction transaction, long offset, MemorySegment source) {
    AtomicChange change = new AtomicChange();
    long done = 0;
    while (done < source.byteSize()) {
      long at = offset + done;
      long inPage = at % dataBytes;
      long part = Math.min(source.byteSize() - done, dataBytes - inPage);
      transaction.reserve(2 * part + 64);
      try (PageGuard guard = engine.pool().exclusive(pageIds[(int) (at / dataBytes)])) {
        writePage(transaction, change, guard, inPage, source.asSlice(done, part));
      }
      done += part;
    }
  }

  private void writePage(
      Transaction transaction,
      AtomicChange change,
      PageGuard guard,
      long inPage,
      MemorySegment bytes) {
    MemorySegment now = guard.page().asSlice(PageLayout.HEADER_BYTES + inPage, bytes.byteSize());
    long first = now.mismatch(bytes);
    if (first < 0) {
      return;
    }
    long last = bytes.byteSize() - 1;
    while (now.get(ValueLayout.JAVA_BYTE, last) == bytes.get(ValueLayout.JAVA_BYTE, last)) {
      last--;
    }
    int length = (int) (last - first + 1);
    change.reset().on(guard, manager).putByte(MemoryManager.WRITE);
    change.putVarint(inPage + first).putVarint(length);
    change.putBytes(bytes, first, length).putBytes(now, first, length);
    transaction.update(change, manager);
  }

  @Override
  public String toString() {
    return "memory " + name + " of " + lengthBytes + " bytes";
  }
}
