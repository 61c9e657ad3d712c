package dev.redoubt.demo.store;

import dev.redoubt.io.Disk;
import dev.redoubt.io.Environment;
import dev.redoubt.io.NotAStoreException;
import dev.redoubt.io.RealDisk;
import dev.redoubt.kv.Store;
import dev.redoubt.kv.StoreInspector;
import dev.redoubt.kv.StoreOptions;
import dev.redoubt.recovery.Engine;
import dev.redoubt.recovery.EngineOptions;
import dev.redoubt.recovery.RecoveryListener;
import dev.redoubt.recovery.RestartMode;
import dev.redoubt.wal.LogOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Opens stores the way the program wants them: restart comes to its end before a command begins,
 * since what it left undone when the command closes the store would be left to the next one.
 */
public final class Stores {
  private Stores() {}

  /**
   * Opens what is there; never creates anything. Restart runs when the store had crashed.
   *
   * @throws NotAStoreException if the directory does not exist or holds no store
   */
  public static Store openExisting(Path directory, RecoveryListener listener) {
    return open(existing(directory), false, 0, listener);
  }

  /**
   * Opens what is there without writing a byte: restart, if there is anything to recover, works in
   * memory.
   *
   * @throws NotAStoreException if the directory does not exist or holds no store
   * @throws dev.redoubt.io.StoreLockedException if a program has it open for writing
   */
  public static Store openReadOnly(Path directory, RecoveryListener listener) {
    StoreOptions options = StoreOptions.defaults().withRestart(RestartMode.FULL).withReadOnly(true);
    return Store.open(existing(directory), Environment.system(), options, listener);
  }

  /**
   * Opens, and creates directory and store when missing.
   *
   * @param pageSize of a new store; an existing one must have it; 0 for what there is, or 8192
   * @throws NotAStoreException if a file stands there
   */
  public static Store openOrCreate(Path directory, int pageSize, RecoveryListener listener) {
    if (Files.exists(directory) && !Files.isDirectory(directory)) {
      throw new NotAStoreException(
          directory + " is not a directory; name a folder of a store, or one that does not exist");
    }
    return open(RealDisk.create(directory), true, pageSize, listener);
  }

  /**
   * Looks at the engine of a store whose trees cannot be opened; nothing is written.
   *
   * @throws dev.redoubt.io.StorageException if that does not open either
   */
  public static <R extends @Nullable Object> R lookBelowTrees(
      Path directory, Function<Engine, R> look) {
    return StoreInspector.belowTrees(existing(directory), Environment.system(), look);
  }

  /**
   * Opens the folder of a store, to read its files one by one.
   *
   * @throws NotAStoreException if the directory does not exist
   */
  public static Disk existing(Path directory) {
    if (!Files.isDirectory(directory)) {
      String what = Files.exists(directory) ? " is not a directory" : " does not exist";
      throw new NotAStoreException(
          directory + what + "; 'redoubt load' and 'redoubt put' create a store");
    }
    return RealDisk.open(directory);
  }

  /**
   * Opens what is there on the operator's word that what cannot be read at the end of the log is
   * lost ({@link LogOptions#acceptUnreadableTail}).
   *
   * @throws NotAStoreException if the directory does not exist or holds no store
   */
  public static Store openAcceptingLoss(Path directory, RecoveryListener listener) {
    EngineOptions engine = StoreOptions.defaults().engine();
    LogOptions log = engine.log().withAcceptUnreadableTail(true);
    return open(existing(directory), engine.withLog(log), false, 0, listener);
  }

  private static Store open(Disk disk, boolean create, int pageSize, RecoveryListener listener) {
    return open(disk, StoreOptions.defaults().engine(), create, pageSize, listener);
  }

  private static Store open(
      Disk disk, EngineOptions from, boolean create, int pageSize, RecoveryListener listener) {
    EngineOptions engine =
        from.withRestart(RestartMode.FULL).withCreateIfMissing(create).withPageSize(pageSize);
    return Store.open(
        disk, Environment.system(), StoreOptions.defaults().withEngine(engine), listener);
  }
}
