package dev.redoubt.crash.harness.container;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.model.AccessMode;
import com.github.dockerjava.api.model.Bind;
import com.github.dockerjava.api.model.ExposedPort;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.PortBinding;
import com.github.dockerjava.api.model.Ports;
import com.github.dockerjava.api.model.Volume;
import dev.redoubt.crash.harness.ServerCommand;
import dev.redoubt.crash.harness.ServerSettings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.startupcheck.StartupCheckStrategy;
import org.testcontainers.containers.wait.strategy.AbstractWaitStrategy;

/** A container of {@link ServerImage}; a server listens in it at {@link #PORT}. */
final class ServerContainer extends GenericContainer<ServerContainer> {
  static final int PORT = 7400;
  private static final int HEAP_MEGABYTES = 128;
  private static final long MEMORY_BYTES = 320L << 20;

  /**
   * A container, not yet started.
   *
   * @param data bound to {@code /data}; the store lies in it
   * @param hostPort of 127.0.0.1, where the server is found, after every start; 0 for nowhere
   */
  ServerContainer(String image, Path data, int hostPort, ServerSettings settings) {
    super(image);
    List<Bind> binds = new ArrayList<>(ServerClasses.binds());
    binds.add(new Bind(data.toString(), new Volume("/data"), AccessMode.rw));
    List<String> command =
        ServerCommand.of(
            "/opt/java/bin/java",
            HEAP_MEGABYTES,
            ServerClasses.path(),
            "/data/store",
            "0.0.0.0",
            PORT,
            settings);
    withCommand(command.toArray(String[]::new));
    withCreateContainerCmdModifier(
        create -> {
          create.withExposedPorts(ExposedPort.tcp(PORT));
          HostConfig host = create.getHostConfig();
          if (host == null) {
            throw new IllegalStateException("a container without settings of its host");
          }
          // Set here, not by withFileSystemBind: that would first fetch an image to try binds with.
          host.withBinds(binds).withMemory(MEMORY_BYTES).withMemorySwap(MEMORY_BYTES);
          if (hostPort != 0) {
            Ports.Binding local = Ports.Binding.bindIpAndPort("127.0.0.1", hostPort);
            host.withPortBindings(new PortBinding(local, ExposedPort.tcp(PORT)));
          }
        });
    withStartupCheckStrategy(new Begun());
    waitingFor(new NoWait());
  }

  /** A server that has been refused has ended before anybody looks: it has been started too. */
  private static final class Begun extends StartupCheckStrategy {
    @Override
    public StartupStatus checkStartupState(DockerClient client, String id) {
      String status = getCurrentState(client, id).getStatus();
      return "running".equals(status) || "exited".equals(status)
          ? StartupStatus.SUCCESSFUL
          : StartupStatus.NOT_YET_KNOWN;
    }
  }

  /** Whether it came up is for {@link ContainerTarget#awaitReady} to say. */
  private static final class NoWait extends AbstractWaitStrategy {
    @Override
    protected void waitUntilReady() {}
  }
}
