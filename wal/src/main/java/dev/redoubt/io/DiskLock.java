package dev.redoubt.io;

/** Exclusive claim on a directory, across processes; given up by {@link #close}. */
public interface DiskLock extends AutoCloseable {
  @Override
  void close();
}
