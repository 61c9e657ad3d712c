package dev.redoubt.crash.harness;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Set;

/**
 * Where a server runs, and how it is disturbed. Used by one thread, but for {@link #address}.
 *
 * <p>A server is {@link StoreServer}, or one of your own that speaks the same protocol.
 */
public interface Target extends AutoCloseable {
  /** What can be done to it here. */
  Set<Disturbance> disturbances();

  /** Where clients find it; after each start anew. */
  InetSocketAddress address();

  /** The folder of the store, as this process sees it. */
  Path store();

  /** The server's standard error, of all its starts. */
  Path log();

  /** Begins to start the server; {@link #awaitReady} says whether it came up. */
  void launch();

  /**
   * Waits until the server listens.
   *
   * @throws ServerFailure if it ended instead, or is not there after a minute
   */
  void awaitReady();

  /** Starts the server and waits until it listens. */
  default void start() {
    launch();
    awaitReady();
  }

  /** SIGKILL; at return it has ended. */
  void kill();

  /** SIGTERM; at return it has ended. */
  void stop();

  /** Whether it runs, or is paused. */
  boolean isRunning();

  /** Freezes it. */
  void pause();

  /** Lets it go on. */
  void resume();

  /** The file system that the store lies on. */
  Volume volume();

  /** Lets no packet pass between clients and server. */
  void cutNetwork();

  /** Lets them pass again. */
  void healNetwork();

  /** Has the server take memory until it is killed; at return it has ended. */
  void exhaustMemory();

  /** Starts a second server on the same folder and returns its exit code. */
  int startSecond();

  /** Ends everything; the folder is left. */
  @Override
  void close();
}
