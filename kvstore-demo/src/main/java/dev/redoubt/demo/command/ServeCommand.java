package dev.redoubt.demo.command;

import dev.redoubt.demo.output.Json;
import dev.redoubt.demo.serve.Server;
import dev.redoubt.demo.serve.ServerOptions;
import dev.redoubt.demo.store.Stores;
import dev.redoubt.kv.Store;
import dev.redoubt.recovery.RecoveryListener;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code redoubt serve}. */
@Command(
    name = "serve",
    header = "Serve a store at a socket.",
    description = {
      "Answer requests, one a line, at a port of this machine: transactions, reads, writes, scans."
          + " Created if missing. Prints 'READY PORT' when it listens. SIGTERM and Ctrl-C end it in"
          + " order: what is open is rolled back, the store closed.",
      "",
      "Try:  printf 'put city Bern%%nget city%%n' | nc 127.0.0.1 PORT",
      "The protocol is in docs/serving.md."
    })
final class ServeCommand extends StoreCommand {
  private static final int MOST_PORTS = 65_535;

  @Option(
      names = "--port",
      paramLabel = "N",
      defaultValue = "0",
      description = "Port (default: any that is free).")
  private int port;

  @Option(
      names = "--host",
      paramLabel = "ADDRESS",
      defaultValue = "127.0.0.1",
      description = {
        "Address to listen at (default: ${DEFAULT-VALUE}).",
        "Whoever reaches it may read and write everything."
      })
  private String host;

  @Mixin private TreeOption tree;

  @Option(
      names = "--max-connections",
      paramLabel = "N",
      defaultValue = "1000",
      description = "Connections at a time (default: ${DEFAULT-VALUE}).")
  private int maxConnections;

  @Option(
      names = "--max-line",
      paramLabel = "BYTES",
      defaultValue = "1048576",
      description = "Longest request (default: ${DEFAULT-VALUE}).")
  private int maxLine;

  @Option(
      names = "--idle",
      paramLabel = "SECONDS",
      defaultValue = "60",
      description = "Silence after which a connection is ended (default: ${DEFAULT-VALUE}).")
  private long idle;

  private final CountDownLatch storeClosed = new CountDownLatch(1);

  ServeCommand() {}

  @Override
  int call(Path where) {
    try {
      return super.call(where);
    } finally {
      storeClosed.countDown();
    }
  }

  @Override
  Store openStore(Path where, RecoveryListener listener) {
    options(); // refuse bad ones before a store is made
    return Stores.openOrCreate(where, 0, listener);
  }

  @Override
  int run(Store store) {
    ServerOptions options = options();
    try (Server server = Server.start(store, options)) {
      Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(server)));
      if (!options.address().getAddress().isLoopbackAddress()) {
        note("listening at " + host + ": whoever reaches it may read and write everything");
      }
      print(Json.object("port", server.port()), "READY " + server.port());
      server.awaitStop();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return ExitCode.OK;
  }

  private ServerOptions options() {
    if (port < 0 || port > MOST_PORTS) {
      throw new IllegalArgumentException("--port " + port + "; 0 to " + MOST_PORTS);
    }
    InetSocketAddress address = new InetSocketAddress(host, port);
    if (address.isUnresolved()) {
      throw new IllegalArgumentException("--host " + host + " is no address of this machine");
    }
    return ServerOptions.onLoopback(port)
        .withAddress(address)
        .withTree(tree.name())
        .withMaxConnections(maxConnections)
        .withMaxLineBytes(maxLine)
        .withIdleTimeout(Duration.ofSeconds(idle));
  }

  /** On SIGTERM: the process ends when this returns. */
  private void stop(Server server) {
    server.close();
    try {
      storeClosed.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
