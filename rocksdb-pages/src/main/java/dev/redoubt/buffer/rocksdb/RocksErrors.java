package dev.redoubt.buffer.rocksdb;

import dev.redoubt.io.CorruptionException;
import dev.redoubt.io.DiskFullException;
import dev.redoubt.io.StorageException;
import dev.redoubt.io.StorageIoException;
import dev.redoubt.io.StoreLockedException;
import java.nio.file.Path;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;

/** RocksDB's errors in our words. */
final class RocksErrors {
  private RocksErrors() {}

  static StorageException of(String call, Path folder, RocksDBException e) {
    String what = call + " failed in RocksDB at " + folder + ": " + e.getMessage();
    Status status = e.getStatus();
    if (status == null) {
      return new StorageIoException(what, e);
    }
    if (status.getSubCode() == Status.SubCode.NoSpace) {
      return new DiskFullException(what + "; free space and open the store again", e);
    }
    return switch (status.getCode()) {
      case Corruption ->
          new CorruptionException(
              what + ". Other pages may be readable; restore the store from a backup.", e);
      case IOError ->
          String.valueOf(e.getMessage()).contains("lock")
              ? new StoreLockedException(what + "; close it there first", e)
              : new StorageIoException(what, e);
      case Ok,
          NotFound,
          NotSupported,
          InvalidArgument,
          MergeInProgress,
          Incomplete,
          ShutdownInProgress,
          TimedOut,
          Aborted,
          Busy,
          Expired,
          TryAgain,
          Undefined ->
          new StorageIoException(what, e);
    };
  }
}
