package dev.redoubt.crash.work;

import dev.redoubt.io.Disk;
import dev.redoubt.io.DiskFile;
import dev.redoubt.io.ForwardingDisk;
import dev.redoubt.io.ForwardingFile;
import java.nio.ByteBuffer;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * A door to a disk that leaves out or reorders calls, as an engine with a {@link Plant} would. For
 * showing that the sweep finds such an engine out.
 */
public final class PlantedDisk extends ForwardingDisk {
  private final Plant plant;
  private final Set<DiskFile> owedForces = new LinkedHashSet<>();

  /** Makes the mistake {@code plant} on {@code disk}. */
  public PlantedDisk(Disk disk, Plant plant) {
    super(disk);
    this.plant = plant;
  }

  @Override
  protected DiskFile opened(DiskFile file) {
    return new PlantedFile(file);
  }

  @Override
  public void forceDirectory() {
    if (plant != Plant.DIRECTORY_NOT_FORCED) {
      super.forceDirectory();
    }
  }

  @Override
  public String description() {
    return super.description() + " with " + plant;
  }

  private boolean skipsForce(String name) {
    return switch (plant) {
      case LOG_NOT_FORCED -> isLog(name);
      case PAGES_NOT_FORCED -> name.equals("pages");
      case DOUBLE_WRITE_NOT_FORCED -> name.equals("doublewrite");
      case MASTER_NOT_FORCED -> name.startsWith("master");
      case DIRECTORY_NOT_FORCED, PAGE_BEFORE_LOG, DOUBLE_WRITE_NOT_WRITTEN, LOG_WRITE_CUT_SHORT ->
          false;
    };
  }

  private static boolean isLog(String name) {
    return name.startsWith("log-");
  }

  private final class PlantedFile extends ForwardingFile {
    private final DiskFile file;

    PlantedFile(DiskFile file) {
      super(file);
      this.file = file;
    }

    @Override
    public void write(ByteBuffer src, long position) {
      if (plant == Plant.DOUBLE_WRITE_NOT_WRITTEN && name().equals("doublewrite")) {
        src.position(src.limit());
      } else if (plant == Plant.LOG_WRITE_CUT_SHORT
          && isLog(name())
          && src.remaining() > BLOCK_BYTES) {
        file.write(src.slice(src.position(), src.remaining() - BLOCK_BYTES), position);
        src.position(src.limit());
      } else {
        file.write(src, position);
      }
    }

    @Override
    public void force() {
      if (skipsForce(name())) {
        return;
      }
      if (plant == Plant.PAGE_BEFORE_LOG && isLog(name())) {
        owedForces.add(file);
        return;
      }
      file.force();
      if (plant == Plant.PAGE_BEFORE_LOG && name().equals("pages")) {
        owedForces.forEach(DiskFile::force);
        owedForces.clear();
      }
    }

    @Override
    public void close() {
      owedForces.remove(file);
      file.close();
    }
  }
}
