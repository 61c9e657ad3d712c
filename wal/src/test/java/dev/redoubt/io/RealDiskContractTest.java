package dev.redoubt.io;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;

/** The operating system's disk keeps the contract; its troubles are those of its channels. */
final class RealDiskContractTest implements DiskContract {
  @TempDir Path directory;
  private volatile Trouble trouble = Trouble.NONE;
  private @Nullable RealDisk disk;

  private final Channels channels =
      (path, options) ->
          new TestChannel(
              Channels.system().open(path, options),
              (kind, channel, position, wanted) -> {
                if (trouble == Trouble.FULL
                    && kind.equals("write")
                    && position + wanted > channel.size()) {
                  throw new IOException("No space left on device");
                }
                if (kind.equalsIgnoreCase(trouble.name())) {
                  throw new IOException("Input/output error");
                }
                return wanted;
              });

  @Override
  public Disk disk() {
    RealDisk made = disk;
    if (made == null) {
      made = new RealDisk(directory, channels);
      disk = made;
    }
    return made;
  }

  @Override
  public void trouble(Trouble newTrouble) {
    trouble = newTrouble;
  }
}
