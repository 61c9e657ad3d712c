package dev.redoubt.crash.suite;

import java.util.List;

/** Calls that change the disk, by kind, file and method: a sweep that misses one has lost it. */
final class KnownPlaces {
  static final List<String> ALL =
      List.of(
          "CREATE doublewrite at DoubleWriteFile.openFile",
          "CREATE lock at SegmentedLog.create",
          "CREATE master.tmp at MasterFile.create",
          "CREATE pages at FilePageStore.openPages",
          "CREATE spare-*.seg at SegmentMaker.addSpare",
          "DELETE log-*.seg at LogCreator.clearLeftovers",
          "DELETE log-*.seg at SegmentMaker.retire",
          "DELETE spare-*.seg at SegmentMaker.keepOrDelete",
          "FORCE doublewrite at DoubleWriteFile.forceCopies",
          "FORCE doublewrite at DoubleWriteFile.ready",
          "FORCE doublewrite at DoubleWriteFile.writeCopies",
          "FORCE log-*.seg at BatchWriter.forceTouched",
          "FORCE log-*.seg at LogOpener.forceAll",
          "FORCE master at LogOpener.open",
          "FORCE master at MasterFile.write",
          "FORCE master.tmp at MasterFile.create",
          "FORCE pages at PageFile.force",
          "FORCE pages at PageFile.forcePast",
          "FORCE spare-*.seg at SegmentMaker.addSpare",
          "FORCE spare-*.seg at SegmentMaker.adoptSpare",
          "FORCE spare-*.seg at SegmentMaker.dress",
          "FORCE_DIRECTORY  at DoubleWriteFile.ready",
          "FORCE_DIRECTORY  at FileNames.give",
          "FORCE_DIRECTORY  at FilePageStore.openPages",
          "FORCE_DIRECTORY  at LogOpener.forceAll",
          "FORCE_DIRECTORY  at SegmentMaker.dress",
          "FORCE_DIRECTORY  at SegmentMaker.retire",
          "RENAME log-*.seg>spare-*.seg at FileNames.give",
          "RENAME master.tmp>master at FileNames.give",
          "RENAME spare-*.seg>log-*.seg at SegmentMaker.dress",
          "WRITE doublewrite at DoubleWriteFile.ready",
          "WRITE doublewrite at DoubleWriteFile.writeCopies",
          "WRITE log-*.seg at BatchWriter.write",
          "WRITE log-*.seg at Block.write",
          "WRITE master at Block.write",
          "WRITE master.tmp at Block.write",
          "WRITE master.tmp at MasterFile.create",
          "WRITE pages at PageFile.write",
          "WRITE pages at PageFile.writePast",
          "WRITE pages at PageFile.zeroFillTo",
          "WRITE spare-*.seg at Block.write",
          "WRITE spare-*.seg at SegmentMaker.adoptSpare",
          "WRITE spare-*.seg at SegmentMaker.fill");

  private KnownPlaces() {}
}
