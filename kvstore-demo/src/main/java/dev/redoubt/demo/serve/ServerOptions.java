package dev.redoubt.demo.serve;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;

/**
 * Settings of a server. Immutable; the withers return changed copies.
 *
 * @param address to listen at; port 0 for any that is free
 * @param tree that requests mean until {@code use} names another
 * @param maxLineBytes of a request, 64 at least
 * @param maxConnections at a time; one more is told so and closed
 * @param idleTimeout after which a connection that sends nothing, or takes nothing of a reply, is
 *     ended, and its transaction rolled back; 1 ms at least
 */
public record ServerOptions(
    InetSocketAddress address,
    String tree,
    int maxLineBytes,
    int maxConnections,
    Duration idleTimeout) {
  private static final int LEAST_LINE_BYTES = 64;
  private static final int MOST_LINE_BYTES = 1 << 30;

  /** Refuses what makes no sense. */
  public ServerOptions {
    if (maxLineBytes < LEAST_LINE_BYTES || maxLineBytes > MOST_LINE_BYTES) {
      throw new IllegalArgumentException(
          "a longest line of " + maxLineBytes + " bytes; 64 to 1 GiB can be had");
    }
    if (maxConnections < 1) {
      throw new IllegalArgumentException("at most " + maxConnections + " connections; 1 at least");
    }
    if (idleTimeout.toMillis() < 1 || idleTimeout.toMillis() > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "an idle time of " + idleTimeout + "; 1 ms to " + Integer.MAX_VALUE + " ms can be had");
    }
  }

  /** Loopback, tree {@code main}, lines of 1 MiB, 1,000 connections, a minute. */
  public static ServerOptions onLoopback(int port) {
    return new ServerOptions(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
        "main",
        1 << 20,
        1000,
        Duration.ofMinutes(1));
  }

  /** The same at another address. */
  public ServerOptions withAddress(InetSocketAddress changed) {
    return new ServerOptions(changed, tree, maxLineBytes, maxConnections, idleTimeout);
  }

  /** The same with another tree. */
  public ServerOptions withTree(String changed) {
    return new ServerOptions(address, changed, maxLineBytes, maxConnections, idleTimeout);
  }

  /** The same with another longest line. */
  public ServerOptions withMaxLineBytes(int changed) {
    return new ServerOptions(address, tree, changed, maxConnections, idleTimeout);
  }

  /** The same with another number of connections. */
  public ServerOptions withMaxConnections(int changed) {
    return new ServerOptions(address, tree, maxLineBytes, changed, idleTimeout);
  }

  /** The same with another idle time. */
  public ServerOptions withIdleTimeout(Duration changed) {
    return new ServerOptions(address, tree, maxLineBytes, maxConnections, changed);
  }
}
