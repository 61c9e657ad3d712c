package dev.redoubt.crash.harness;

import dev.redoubt.demo.serve.Server;
import dev.redoubt.demo.serve.ServerOptions;
import dev.redoubt.io.Disk;
import dev.redoubt.io.Environment;
import dev.redoubt.io.RealDisk;
import dev.redoubt.io.StorageException;
import dev.redoubt.kv.Store;
import dev.redoubt.recovery.RecoveryListener;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * The program that is disturbed: a store behind its server, with a {@link ServerPlant} if asked.
 * Prints {@code READY port}. SIGTERM closes it in order. Exit code {@link #REFUSED} if the store
 * cannot be opened.
 */
public final class StoreServer {
  /** Exit code: the store said no, and why on standard error. */
  public static final int REFUSED = 3;

  /** A file beside the store; when it appears, the server takes memory until it is killed. */
  public static final String HUNGER = "hunger";

  /** A system property: halt when standard input, which the parent holds open, ends. */
  static final String ENDS_WITH_PARENT = "redoubt.ends.with.parent";

  private static final long BITE_BYTES = 8 << 20;

  private StoreServer() {}

  /** Arguments: the folder of the store, address, port, and those of {@link ServerSettings}. */
  public static void main(String[] arguments) throws InterruptedException {
    Path folder = Path.of(arguments[0]);
    InetSocketAddress address = new InetSocketAddress(arguments[1], Integer.parseInt(arguments[2]));
    ServerSettings settings = ServerSettings.parse(List.of(arguments).subList(3, arguments.length));
    if (Boolean.getBoolean(ENDS_WITH_PARENT)) {
      Environment.system().start("parent", StoreServer::haltWithParent);
    }
    Environment.system().start("hunger", () -> takeMemoryWhenAsked(folder.resolveSibling(HUNGER)));
    Store store;
    try {
      Disk disk = PlantedFolder.of(RealDisk.create(folder), settings.plant());
      store = Store.open(disk, Environment.system(), settings.options(), RecoveryListener.NONE);
    } catch (StorageException e) {
      System.err.println("refused " + e.code() + ": " + e.getMessage());
      System.exit(REFUSED);
      return;
    }
    ServerOptions options =
        ServerOptions.onLoopback(0).withAddress(address).withIdleTimeout(Duration.ofSeconds(4));
    Server server = Server.start(store, options, new PlantedTransactions(store, settings.plant()));
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  server.close();
                  store.close();
                }));
    System.out.println("READY " + server.port());
    System.out.flush();
    server.awaitStop();
  }

  private static void haltWithParent() {
    try {
      while (System.in.read() >= 0) {
        // Nothing is ever sent.
      }
    } catch (IOException e) {
      // A broken pipe says the same.
    }
    Runtime.getRuntime().halt(REFUSED);
  }

  private static void takeMemoryWhenAsked(Path hunger) {
    try {
      while (!Files.exists(hunger)) {
        Thread.sleep(20); // whoever asks is another process, on the other side of a container
      }
      while (true) {
        MemorySegment bite = Arena.global().allocate(BITE_BYTES);
        bite.fill((byte) 1);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
