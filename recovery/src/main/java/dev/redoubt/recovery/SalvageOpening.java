package dev.redoubt.recovery;

import dev.redoubt.buffer.FilePageStore;
import dev.redoubt.io.CorruptionException;
import dev.redoubt.io.Disk;
import dev.redoubt.io.DiskLock;
import dev.redoubt.io.Environment;
import dev.redoubt.io.NotAStoreException;
import dev.redoubt.io.OverlayDisk;
import dev.redoubt.io.StorageException;
import dev.redoubt.io.StoreLockedException;
import dev.redoubt.io.UnsupportedFormatException;
import dev.redoubt.wal.Log;
import dev.redoubt.wal.LogSalvage;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Tries the roads into a damaged store, the best first ({@link SalvageSource}). One use. */
final class SalvageOpening {
  /** No cap: nobody writes, and a log that outgrew a cap is no reason not to read it. */
  private static final long NO_CAP = 1L << 50;

  private final Disk disk;
  private final Environment environment;
  private final List<ResourceManager> managers;
  private final long memoryBytes;
  private final List<String> notes = new ArrayList<>();

  SalvageOpening(
      Disk disk, Environment environment, List<ResourceManager> managers, long memoryBytes) {
    this.disk = disk;
    this.environment = environment;
    this.managers = managers;
    this.memoryBytes = memoryBytes;
  }

  SalvageSource open() {
    boolean done = false;
    DiskLock lock = null;
    try {
      lock = disk.lockShared("lock");
      lock.close(); // who writes keeps us out; the overlay takes it again
      SalvageSource source = openBest();
      done = true;
      return source;
    } finally {
      if (!done) {
        disk.close();
      }
    }
  }

  private SalvageSource openBest() {
    StorageException asItIs = null;
    if (Log.exists(disk)) {
      try {
        return recovered(overlay());
      } catch (StoreLockedException | UnsupportedFormatException e) {
        throw e;
      } catch (StorageException e) {
        asItIs = e;
      }
    }
    LogSalvage log = LogSalvage.open(disk);
    byte[] identity = identity(log, asItIs);
    notes.add(
        "the store does not open as it is: "
            + (asItIs == null ? "its master file is missing" : SalvageSource.message(asItIs)));
    OverlayDisk overlay = overlay();
    try {
      log.replaceMaster(overlay, identity);
      RecoveredSource source = recovered(overlay);
      if (source.isNew()) {
        source.close(); // an empty log is that of a new store, which this is not
        throw new CorruptionException("nothing can be read of the log");
      }
      notes.add("recovered from all of the log that is there, without its master record");
      return source;
    } catch (StorageException e) {
      notes.add("without its master record it does not open either: " + SalvageSource.message(e));
    }
    return StoredSource.open(overlay(), log, StoreIdentity.decode(identity), managers, notes);
  }

  /** Each road has changes of its own. */
  private OverlayDisk overlay() {
    return new OverlayDisk(disk, memoryBytes, "the memory given to salvage");
  }

  private RecoveredSource recovered(OverlayDisk overlay) {
    boolean pagesAreThere = FilePageStore.exists(disk);
    EngineOptions options =
        EngineOptions.defaults()
            .withCreateIfMissing(false)
            .withDoubleWrite(false)
            .withBackground(false)
            .withMaxWalBytes(NO_CAP);
    Engine engine = Engine.open(overlay, environment, options, managers, RecoveryListener.NONE);
    if (!pagesAreThere) {
      notes.add("the file of pages is missing; pages are those that the log can make");
    }
    return new RecoveredSource(engine, overlay, notes);
  }

  /** What the engine keeps in the log's identity, found out from the pages if it is lost. */
  private byte[] identity(LogSalvage log, @Nullable StorageException asItIs) {
    byte[] attributes = log.attributes();
    if (attributes != null) {
      return attributes;
    }
    int pageSize = StoredSource.findPageSize(disk, log.storeId());
    if (pageSize == 0) {
      NotAStoreException unknown =
          new NotAStoreException(
              disk.description()
                  + ": the identity of the store is lost, and no page tells how long its pages"
                  + " are");
      if (asItIs != null) {
        unknown.addSuppressed(asItIs);
      }
      throw unknown;
    }
    notes.add("the identity of the store is lost; its pages are " + pageSize + " bytes long");
    return StoreIdentity.of(EngineOptions.defaults().withPageSize(pageSize)).encode();
  }
}
