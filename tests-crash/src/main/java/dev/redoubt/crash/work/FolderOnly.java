package dev.redoubt.crash.work;

import dev.redoubt.io.Disk;
import dev.redoubt.io.DiskFile;
import dev.redoubt.io.DiskLock;
import java.nio.file.Path;
import java.util.List;

/** A disk of which only its folder is used, by a library that opens files itself. */
record FolderOnly(Path path) implements Disk {
  @Override
  public DiskFile open(String name, Access access, Caching caching) {
    throw unused();
  }

  @Override
  public boolean exists(String name) {
    throw unused();
  }

  @Override
  public List<String> list() {
    throw unused();
  }

  @Override
  public void rename(String from, String to) {
    throw unused();
  }

  @Override
  public void delete(String name) {
    throw unused();
  }

  @Override
  public void forceDirectory() {
    throw unused();
  }

  @Override
  public DiskLock lock(String name) {
    throw unused();
  }

  @Override
  public String description() {
    return path.toString();
  }

  @Override
  public void close() {}

  private static UnsupportedOperationException unused() {
    return new UnsupportedOperationException("only the folder of this disk is used");
  }
}
