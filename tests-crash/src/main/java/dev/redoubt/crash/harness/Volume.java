package dev.redoubt.crash.harness;

import java.nio.file.Path;

/** The file system that a store lies on. Used by one thread. */
public interface Volume extends AutoCloseable {
  /** A folder on it, as this process sees it. */
  Path folder();

  /** Whether {@link #fill} and {@link #cutPower} can be had. */
  boolean isSeparate();

  /** Leaves no room. */
  void fill();

  /** Gives the room back. */
  void free();

  /** Takes away what was not forced. Nobody may have a file open. */
  void cutPower();

  /** Unmounts it if it was mounted. */
  @Override
  void close();

  /** A folder like any other. */
  static Volume plain(Path folder) {
    return new Volume() {
      @Override
      public Path folder() {
        return folder;
      }

      @Override
      public boolean isSeparate() {
        return false;
      }

      @Override
      public void fill() {
        throw new UnsupportedOperationException("this is no file system of its own");
      }

      @Override
      public void free() {}

      @Override
      public void cutPower() {
        throw new UnsupportedOperationException("this is no file system of its own");
      }

      @Override
      public void close() {}
    };
  }
}
