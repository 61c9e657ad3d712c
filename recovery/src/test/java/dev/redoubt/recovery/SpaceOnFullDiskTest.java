package dev.redoubt.recovery;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.redoubt.io.DiskFullException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A full disk and the space map. Pages in a file only: the disk does not bound RocksDB's. */
class SpaceOnFullDiskTest {
  private final MemoryDisk disk = new MemoryDisk();

  @Test
  void fullDiskSurfacesInReserveAndNothingIsLost() {
    try (Engine engine = Engines.open(disk)) {
      disk.capacity(disk.usedBytes());
      List<Long> pages = new ArrayList<>();
      assertThrows(
          DiskFullException.class,
          () -> {
            while (true) {
              pages.add(engine.space().reserve());
            }
          });
      AtomicChange change = new AtomicChange();
      pages.subList(0, 3).forEach(page -> engine.space().addAllocate(change, page));
      Engines.change(engine, change);
      disk.capacity(Long.MAX_VALUE);
      long more = engine.space().reserve();
      assertFalse(pages.contains(more));
    }
  }
}
