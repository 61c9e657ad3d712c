package dev.redoubt.crash.harness;

import dev.redoubt.crash.process.PagesIn;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** A server in a process of this machine, with this JVM's Java and class path. */
public final class ProcessTarget implements Target {
  private static final long LONGEST_START_SECONDS = 60;
  private static final int HEAP_MEGABYTES = 128;

  private final Volume volume;
  private final Path log;
  private final ServerSettings settings;
  private @Nullable Process process;
  private CompletableFuture<String> firstLine = new CompletableFuture<>();
  private volatile InetSocketAddress address =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);

  /**
   * A server on that volume, not yet started.
   *
   * @param log takes its standard error
   */
  public ProcessTarget(Volume volume, Path log, ServerSettings settings) {
    this.volume = volume;
    this.log = log;
    this.settings = settings;
  }

  @Override
  public Set<Disturbance> disturbances() {
    Set<Disturbance> possible =
        EnumSet.of(
            Disturbance.KILL,
            Disturbance.KILL_IN_RESTART,
            Disturbance.PAUSE,
            Disturbance.CLIENTS_LOST,
            Disturbance.SECOND_SERVER);
    if (volume.isSeparate()) {
      possible.add(Disturbance.POWER_CUT);
      if (settings.pages() == PagesIn.FILE) { // RocksDB has no space set aside for what is admitted
        possible.addAll(EnumSet.of(Disturbance.DISK_FULL, Disturbance.KILL_ON_FULL_DISK));
      }
    }
    return possible;
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

  private Process spawn() {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    List<String> command =
        ServerCommand.of(
            java,
            HEAP_MEGABYTES,
            System.getProperty("java.class.path"),
            store().toString(),
            "127.0.0.1",
            0,
            settings);
    command.add(1, "-D" + StoreServer.ENDS_WITH_PARENT + "=true");
    try {
      return new ProcessBuilder(command).redirectError(Redirect.appendTo(log.toFile())).start();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start " + command, e);
    }
  }

  @Override
  public void launch() {
    Process started = spawn();
    process = started;
    CompletableFuture<String> line = new CompletableFuture<>();
    firstLine = line;
    Thread.ofVirtual().name("ready").start(() -> readFirstLine(started, line));
  }

  private static void readFirstLine(Process process, CompletableFuture<String> line) {
    try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
      String first = out.readLine();
      line.complete(first == null ? "" : first);
    } catch (IOException e) {
      line.complete("");
    }
  }

  @Override
  public void awaitReady() {
    String line;
    try {
      line = firstLine.get(LONGEST_START_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new ServerFailure(
          "no server after " + LONGEST_START_SECONDS + " s" + ServerLog.tail(log));
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while a server starts", e);
    }
    if (!line.startsWith("READY ")) {
      throw new ServerFailure("the server ended instead of listening" + ServerLog.tail(log));
    }
    int port = Integer.parseInt(line.substring("READY ".length()));
    address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }

  private Process current() {
    Process running = process;
    if (running == null) {
      throw new IllegalStateException("not started");
    }
    return running;
  }

  private static int awaitEnd(Process process) {
    try {
      return process.waitFor();
    } catch (InterruptedException e) {
      process.toHandle().destroyForcibly();
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while a server ends", e);
    }
  }

  @Override
  public void kill() {
    current().toHandle().destroyForcibly();
    awaitEnd(current());
  }

  @Override
  public void stop() {
    current().toHandle().destroy();
    awaitEnd(current());
  }

  @Override
  public boolean isRunning() {
    return process != null && process.isAlive();
  }

  @Override
  public void pause() {
    Shell.run("kill", "-STOP", Long.toString(current().pid()));
  }

  @Override
  public void resume() {
    Shell.run("kill", "-CONT", Long.toString(current().pid()));
  }

  @Override
  public void cutNetwork() {
    throw new UnsupportedOperationException("a process has no network of its own");
  }

  @Override
  public void healNetwork() {}

  @Override
  public void exhaustMemory() {
    throw new UnsupportedOperationException("a process has no memory limit of its own");
  }

  @Override
  public int startSecond() {
    Process second = spawn();
    try (BufferedReader out = second.inputReader(StandardCharsets.UTF_8)) {
      String line = out.readLine(); // it listens, or it has ended
      if (line != null) {
        second.toHandle().destroyForcibly();
        awaitEnd(second);
        return 0;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return awaitEnd(second);
  }

  @Override
  public void close() {
    if (process != null) {
      process.toHandle().destroyForcibly();
      awaitEnd(process);
    }
    volume.close();
  }
}
