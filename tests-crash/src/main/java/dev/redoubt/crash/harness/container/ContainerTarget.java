package dev.redoubt.crash.harness.container;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.InspectContainerResponse;
import com.github.dockerjava.api.command.WaitContainerResultCallback;
import dev.redoubt.crash.harness.Disturbance;
import dev.redoubt.crash.harness.ServerFailure;
import dev.redoubt.crash.harness.ServerLog;
import dev.redoubt.crash.harness.ServerSettings;
import dev.redoubt.crash.harness.StoreServer;
import dev.redoubt.crash.harness.Target;
import dev.redoubt.crash.harness.Volume;
import dev.redoubt.demo.serve.Connection;
import dev.redoubt.demo.serve.ServerException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.testcontainers.DockerClientFactory;

/**
 * A server in a container of its own, with a limit of memory and a network that can be cut. The
 * store lies on a volume of the host, which survives whatever happens to the container.
 */
public final class ContainerTarget implements Target {
  private static final Duration LONGEST_START = Duration.ofSeconds(60);
  private static final Duration ONE_TRY = Duration.ofSeconds(2);
  private static final Duration LONGEST_END = Duration.ofSeconds(60);
  private static final Duration LOOK = Duration.ofMillis(20);
  private static final int STOP_SECONDS = 30;
  private static final String BRIDGE = "bridge";

  private final Volume volume;
  private final Path log;
  private final ServerSettings settings;
  private final String image;
  private final InetSocketAddress address;
  private final ServerContainer container;
  private boolean created;
  private int cuts;

  /**
   * A server on that volume, not yet started. Makes the image if it is missing.
   *
   * @param log takes its output in the end
   */
  public ContainerTarget(Volume volume, Path log, ServerSettings settings) {
    this.volume = volume;
    this.log = log;
    this.settings = settings;
    this.image = ServerImage.name();
    this.address = new InetSocketAddress(InetAddress.getLoopbackAddress(), freePort());
    this.container = new ServerContainer(image, volume.folder(), address.getPort(), settings);
  }

  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static DockerClient docker() {
    return DockerClientFactory.instance().client();
  }

  private String id() {
    return container.getContainerId();
  }

  @Override
  public Set<Disturbance> disturbances() {
    Set<Disturbance> all = EnumSet.allOf(Disturbance.class);
    if (!volume.isSeparate()) {
      all.removeAll(
          EnumSet.of(Disturbance.POWER_CUT, Disturbance.DISK_FULL, Disturbance.KILL_ON_FULL_DISK));
    }
    return all;
  }

  @Override
  public InetSocketAddress address() {
    return address;
  }

  @Override
  public Path store() {
    return volume.folder().resolve("store");
  }

  @Override
  public Path log() {
    return log;
  }

  @Override
  public Volume volume() {
    return volume;
  }

  @Override
  public void launch() {
    if (created) {
      docker().startContainerCmd(id()).exec();
    } else {
      container.start();
      created = true;
    }
  }

  /** The engine's proxy takes connections before the server does, and then drops them. */
  @Override
  public void awaitReady() {
    long until = System.nanoTime() + LONGEST_START.toNanos();
    while (true) {
      try (Connection connection = Connection.to(address, ONE_TRY)) {
        connection.ask("ping");
        return;
      } catch (IOException | ServerException notYet) {
        if (!isRunning()) {
          throw new ServerFailure("the server ended instead of listening" + keepLog());
        }
        if (System.nanoTime() - until > 0) {
          throw new ServerFailure("no server after " + LONGEST_START + ": " + notYet + keepLog());
        }
      }
      look();
    }
  }

  private static void look() {
    try {
      Thread.sleep(LOOK);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while looking at a container", e);
    }
  }

  private String keepLog() {
    try {
      Files.writeString(log, container.getLogs());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return ServerLog.tail(log);
  }

  private int awaitEnd() {
    try (WaitContainerResultCallback end =
        docker().waitContainerCmd(id()).exec(new WaitContainerResultCallback())) {
      return end.awaitStatusCode(LONGEST_END.toSeconds(), TimeUnit.SECONDS);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private InspectContainerResponse.ContainerState state() {
    return docker().inspectContainerCmd(id()).exec().getState();
  }

  private long pid() {
    Long pid = state().getPidLong();
    if (pid == null) {
      throw new IllegalStateException("the engine names no process of " + id());
    }
    return pid;
  }

  @Override
  public boolean isRunning() {
    return created && Boolean.TRUE.equals(state().getRunning());
  }

  @Override
  public void kill() {
    if (isRunning()) {
      docker().killContainerCmd(id()).withSignal("KILL").exec();
    }
    awaitEnd();
  }

  @Override
  public void stop() {
    docker().stopContainerCmd(id()).withTimeout(STOP_SECONDS).exec();
    awaitEnd();
  }

  @Override
  public void pause() {
    docker().pauseContainerCmd(id()).exec();
  }

  @Override
  public void resume() {
    docker().unpauseContainerCmd(id()).exec();
  }

  /** In turn: packets vanish, which nobody is told; the interface is taken away. */
  @Override
  public void cutNetwork() {
    if (cuts++ % 2 == 0 && Packets.canBeDropped()) {
      Packets.drop(pid());
    } else {
      docker().disconnectFromNetworkCmd().withNetworkId(BRIDGE).withContainerId(id()).exec();
    }
  }

  @Override
  public void healNetwork() {
    if (docker().inspectContainerCmd(id()).exec().getNetworkSettings().getNetworks().isEmpty()) {
      docker().connectToNetworkCmd().withNetworkId(BRIDGE).withContainerId(id()).exec();
    } else {
      Packets.pass(pid());
    }
    awaitReady();
  }

  @Override
  public void exhaustMemory() {
    Path hunger = volume.folder().resolve(StoreServer.HUNGER);
    try {
      Files.createFile(hunger);
      int code = awaitEnd();
      Files.delete(hunger);
      if (code == 0) {
        throw new ServerFailure("the server ended in order when its memory ran out" + keepLog());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public int startSecond() {
    try (ServerContainer second = new ServerContainer(image, volume.folder(), 0, settings)) {
      second.start();
      while (second.isRunning()) {
        if (second.getLogs().contains("READY")) {
          return 0;
        }
        look();
      }
      Long code = second.getCurrentContainerInfo().getState().getExitCodeLong();
      return code == null ? -1 : Math.toIntExact(code);
    }
  }

  @Override
  public void close() {
    try {
      if (created) {
        keepLog();
      }
    } finally {
      container.stop();
      volume.close();
    }
  }
}
