package dev.redoubt.recovery;

import dev.redoubt.buffer.PageGuard;
import dev.redoubt.buffer.PageStoreKind;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.time.LocalDateTime;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;

/** The crash that {@code docs/recovery.md} works through: how it was made, and as it is shipped. */
final class WorkedCrash {
  static final String RESOURCE = "worked-crash.zip";

  static final EngineOptions OPTIONS = Engines.SMALL.withPages(PageStoreKind.FILE);

  private static final int PAGE = 4096;
  private static final int DATA = MemoryLayout.dataBytes(PAGE);

  private WorkedCrash() {}

  static Engine open(MemoryDisk disk) {
    return Engine.open(disk, new FixedEnvironment(), OPTIONS, List.of(), RecoveryListener.NONE);
  }

  /** The run; the numbers are those of the page. */
  static MemoryDisk make() {
    MemoryDisk disk = new MemoryDisk();
    Engine engine = open(disk);
    RecoverableMemory memory = RecoverableMemory.open(engine, "accounts", 4L * DATA); // pages 3..6
    engine.pool().flushAll();

    Transaction t2 = engine.begin();
    Transaction t3 = engine.begin();
    write(memory, t2, 3, 0, 11);
    write(memory, t3, 4, 0, 12);
    write(memory, t3, 5, 0, 13);
    cleanAllBut(engine, 3);
    write(memory, t2, 5, 8, 14);
    engine.checkpoint();
    Engines.commit(engine, t3);

    Transaction t4 = engine.begin();
    write(memory, t4, 6, 3000, 15);
    write(memory, t4, 3, 8, 16);
    cleanAllBut(engine, 3);
    write(memory, t4, 6, 3008, 17);

    Transaction t5 = engine.begin();
    write(memory, t5, 5, 16, 18);
    engine.log().force(t5.commit());

    // t4 rolls back; of its three updates only the last is undone when the power goes.
    t4.chain()
        .append(
            new LogRecord.Abort(t4.id(), t4.lastLsn()),
            Transaction.State.ABORTING,
            t4.undoNextLsn());
    LogRecord.OfTransaction last = engine.rollback().read(t4, engine.rollback().single());
    engine.rollback().step(t4, last);
    engine.log().forceAll();
    engine.abandon();

    MemoryDisk after = disk.afterPowerLoss();
    // The write of page 6 was in flight: its second half is still the old one.
    after.put("pages", 6 * PAGE + PAGE / 2, new byte[PAGE / 2]);
    return after;
  }

  private static void write(
      RecoverableMemory memory, Transaction transaction, int page, int offset, int value) {
    byte[] bytes = {(byte) value, (byte) value};
    memory.write(transaction, (page - 3L) * DATA + offset, MemorySegment.ofArray(bytes));
  }

  /** Writes every dirty page home but one, which somebody has latched. */
  private static void cleanAllBut(Engine engine, long page) {
    try (PageGuard latched = engine.pool().exclusive(page)) {
      Objects.requireNonNull(latched);
      engine.pool().cleanSome(100);
    }
  }

  /** All files of the disk. */
  static Map<String, byte[]> files(MemoryDisk disk) {
    Map<String, byte[]> files = new TreeMap<>();
    for (String name : disk.list()) {
      files.put(name, disk.bytes(name, 0, (int) disk.length(name)));
    }
    return files;
  }

  static void zip(Map<String, byte[]> files, OutputStream to) throws IOException {
    try (ZipOutputStream zip = new ZipOutputStream(to)) {
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        ZipEntry entry = new ZipEntry(file.getKey());
        entry.setTimeLocal(LocalDateTime.of(1992, 3, 1, 0, 0));
        zip.putNextEntry(entry);
        zip.write(file.getValue());
        zip.closeEntry();
      }
    }
  }

  /** The files as they are shipped. */
  static Map<String, byte[]> shipped() throws IOException {
    Map<String, byte[]> files = new TreeMap<>();
    InputStream resource = WorkedCrash.class.getResourceAsStream(RESOURCE);
    try (ZipInputStream zip = new ZipInputStream(Objects.requireNonNull(resource))) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        zip.transferTo(bytes);
        files.put(entry.getName(), bytes.toByteArray());
      }
    }
    return files;
  }

  static MemoryDisk disk(Map<String, byte[]> files) {
    MemoryDisk disk = new MemoryDisk();
    files.forEach(disk::make);
    return disk;
  }
}
