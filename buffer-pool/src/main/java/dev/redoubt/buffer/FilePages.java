package dev.redoubt.buffer;

import dev.redoubt.io.Disk;

/** Pages in one file. */
final class FilePages implements PageStoreKind {
  @Override
  public int id() {
    return 0;
  }

  @Override
  public String name() {
    return "file";
  }

  @Override
  public boolean exists(Disk disk) {
    return FilePageStore.exists(disk);
  }

  @Override
  public PageStore open(Place place) {
    return FilePageStore.open(
        place.disk(), place.storeId(), place.pageSize(), place.doubleWrite(), place.caching());
  }

  @Override
  public PageStore openReadOnly(Place place) {
    return FilePageStore.openReadOnly(place.disk(), place.storeId(), place.pageSize());
  }
}
