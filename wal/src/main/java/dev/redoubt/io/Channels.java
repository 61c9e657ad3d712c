package dev.redoubt.io;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.util.Set;

/**
 * How a {@link RealDisk} opens channels to its files; tests put channels that transfer short, fail
 * or refuse direct transfers in place of the operating system's.
 */
@FunctionalInterface
interface Channels {
  FileChannel open(Path path, Set<OpenOption> options) throws IOException;

  /** Those of the operating system. */
  static Channels system() {
    return FileChannel::open;
  }
}
