package dev.redoubt.wal;

import dev.redoubt.io.Disk;
import dev.redoubt.io.DiskFile;
import dev.redoubt.io.Environment;
import dev.redoubt.io.GatedDisk;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Makes an opened log writable. The order:
 *
 * <ol>
 *   <li>The master slot with the next epoch and the decided end as watermark, forced. Before any
 *       other write: what is written from here on can be told from what was there.
 *   <li>Segments beyond the one that is written next go, the last one first, each made durable: a
 *       crash in between leaves no gap.
 *   <li>Blocks that could not be read, if that was accepted, are written anew: the next opening is
 *       not to meet them again, nor what may come back in them.
 *   <li>Leftovers of a truncation go; spares are taken over, all of them unless the log was closed
 *       in order: transactions that were active had them made, and undoing these needs them again.
 * </ol>
 */
final class LogStarter {
  private final Disk disk;
  private final LogOpener.Found found;
  private final SegmentMaker maker;

  private LogStarter(Disk disk, LogOpener.Found found, SegmentMaker maker) {
    this.disk = disk;
    this.found = found;
    this.maker = maker;
  }

  static LogWriter start(
      Environment environment, LogOptions options, LogReading reading, Runnable durableMoved) {
    GatedDisk disk = reading.disk();
    LogOpener.Found found = reading.found();
    LogGeometry geometry = found.identity().geometry();
    Tail tail = found.tail();
    int epoch = Math.max(found.slot().record().epoch(), tail.epoch()) + 1;
    int batchBytes = options.bufferBytesFor(geometry);
    reading
        .masters()
        .beginEpoch(epoch, tail.endLsn(), (long) batchBytes * options.bufferCount(), batchBytes);
    Disk.Caching caching = options.caching();
    SegmentMaker maker = new SegmentMaker(disk, geometry, caching, found.lastUsableSegment());
    new LogStarter(disk, found, maker).clearUp();
    return new LogWriter(
        disk,
        environment,
        disk.gate(),
        geometry,
        options,
        maker,
        tail,
        epoch,
        reading.holders()::startLsn,
        durableMoved);
  }

  private void writeUnreadable() {
    Map<String, List<UnreadableBlock>> byFile =
        found.unreadable().stream()
            .collect(
                Collectors.groupingBy(UnreadableBlock::file, TreeMap::new, Collectors.toList()));
    Block zeros = new Block();
    byFile.forEach(
        (name, blocks) -> {
          if (LogLayout.segmentIndex(name) <= found.lastUsableSegment()) {
            try (DiskFile file = disk.open(name, Disk.Access.WRITE, Disk.Caching.DIRECT)) {
              blocks.forEach(block -> zeros.writeZeros(file, block.offset()));
              file.force();
            }
          }
        });
  }

  private void clearUp() {
    List<String> spares = new ArrayList<>();
    for (String name : disk.list()) {
      if (LogLayout.spareNumber(name) >= 0) {
        spares.add(name);
      }
    }
    disk.list().stream().filter(SlotLayout::isTemporary).forEach(disk::delete);
    for (String name : spares) {
      maker.adoptSpare(name, !found.slot().record().clean());
    }
    for (long index : found.segments().tailSet(found.lastUsableSegment(), false).descendingSet()) {
      maker.retire(index);
    }
    writeUnreadable();
    for (long index : found.segments().headSet(found.firstSegment(), false)) {
      maker.retire(index);
    }
  }
}
