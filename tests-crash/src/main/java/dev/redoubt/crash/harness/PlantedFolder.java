package dev.redoubt.crash.harness;

import dev.redoubt.crash.work.Plant;
import dev.redoubt.crash.work.PlantedDisk;
import dev.redoubt.io.Disk;
import dev.redoubt.io.DiskLock;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;

/** The disk of a server with a {@link ServerPlant}. */
final class PlantedFolder {
  private PlantedFolder() {}

  static Disk of(Disk disk, ServerPlant plant) {
    return switch (plant) {
      case NONE, ACKNOWLEDGED_EARLY, SILENT_ROLLBACK, COMMIT_OF_THE_LOST, FULL_DISK_IGNORED -> disk;
      case LOG_NOT_FORCED -> new PlantedDisk(disk, Plant.LOG_NOT_FORCED);
      case NOT_LOCKED -> unlocked(disk);
    };
  }

  private static Disk unlocked(Disk disk) {
    DiskLock none = () -> {};
    return (Disk)
        Proxy.newProxyInstance(
            PlantedFolder.class.getClassLoader(),
            new Class<?>[] {Disk.class},
            (_, method, arguments) -> {
              try {
                return method.getName().equals("lock") ? none : method.invoke(disk, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause() == null ? e : e.getCause();
              }
            });
  }
}
