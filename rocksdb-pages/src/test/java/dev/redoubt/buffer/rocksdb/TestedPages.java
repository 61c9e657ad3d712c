package dev.redoubt.buffer.rocksdb;

import dev.redoubt.buffer.PageStore;
import dev.redoubt.buffer.PageStoreKind;
import dev.redoubt.io.Disk;

/** What the suites of the modules below are run on, named by {@code redoubt.test.pages}. */
public final class TestedPages implements PageStoreKind {
  private final PageStoreKind real = new RocksDbPages(RocksDbPages.Compression.LZ4);

  public TestedPages() {}

  @Override
  public int id() {
    return real.id();
  }

  @Override
  public String name() {
    return real.name();
  }

  @Override
  public boolean exists(Disk disk) {
    return real.exists(disk);
  }

  @Override
  public PageStore open(Place place) {
    return real.open(place);
  }

  @Override
  public PageStore openReadOnly(Place place) {
    return real.openReadOnly(place);
  }
}
