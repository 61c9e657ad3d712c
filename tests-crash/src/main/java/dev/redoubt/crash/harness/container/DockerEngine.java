package dev.redoubt.crash.harness.container;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Whether containers can be had. Loads no class of Testcontainers and writes nothing. */
public final class DockerEngine {
  private static final String UNIX = "unix://";
  private static final String NO_RYUK = "TESTCONTAINERS_RYUK_DISABLED";

  private DockerEngine() {}

  /** Why there are no containers here, and what to do; null if there are. */
  public static @Nullable String missing() {
    String host = System.getenv().getOrDefault("DOCKER_HOST", UNIX + "/var/run/docker.sock");
    if (host.startsWith(UNIX)) {
      Path socket = Path.of(host.substring(UNIX.length()));
      if (!Files.exists(socket)) {
        return "no Docker engine: " + socket + " is not there (.ci/docker-up starts one)";
      }
      try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
        if (!channel.isConnected()) {
          return "no Docker engine at " + socket;
        }
      } catch (IOException e) {
        return "no Docker engine: nobody listens at " + socket + " (" + e.getMessage() + ")";
      }
    }
    if (!"true".equals(System.getenv(NO_RYUK))) {
      // Its helper image comes from a registry; without one the wait for it takes minutes.
      return NO_RYUK + "=true must be in the environment";
    }
    return null;
  }
}
