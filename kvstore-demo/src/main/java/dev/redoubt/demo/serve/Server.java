package dev.redoubt.demo.serve;

import dev.redoubt.demo.output.InputException;
import dev.redoubt.kv.Store;
import dev.redoubt.kv.TransactionOptions;
import dev.redoubt.kv.WriteTx;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * Serves a store at a socket, one virtual thread a connection. Thread-safe. The store stays the
 * caller's, who closes it after the server.
 */
public final class Server implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Server.class.getName());
  private static final int BACKLOG = 128;
  private static final Duration LONGEST_GOODBYE = Duration.ofSeconds(2);

  private final Store store;
  private final ServerOptions options;
  private final Function<TransactionOptions, WriteTx> transactions;
  private final ServerSocket listener;
  private final Semaphore room;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final Set<Session> sessions = ConcurrentHashMap.newKeySet();
  private final CountDownLatch stopped = new CountDownLatch(1);
  private volatile boolean closing;

  private Server(
      Store store,
      ServerOptions options,
      Function<TransactionOptions, WriteTx> transactions,
      ServerSocket listener) {
    this.store = store;
    this.options = options;
    this.transactions = transactions;
    this.listener = listener;
    this.room = new Semaphore(options.maxConnections());
  }

  /**
   * Listens, and at return takes connections.
   *
   * @throws InputException if the address cannot be had
   */
  public static Server start(Store store, ServerOptions options) {
    return start(store, options, store::beginWrite);
  }

  /** The same with read-write transactions from elsewhere, for tests of those who use it. */
  public static Server start(
      Store store, ServerOptions options, Function<TransactionOptions, WriteTx> transactions) {
    try {
      ServerSocket listener = new ServerSocket();
      try {
        listener.setReuseAddress(true); // the port of a server that was killed a moment ago
        listener.bind(options.address(), BACKLOG);
      } catch (IOException e) {
        listener.close();
        throw e;
      }
      Server server = new Server(store, options, transactions, listener);
      Thread.ofPlatform().daemon().name("accept").start(server::accept);
      Thread.ofVirtual().name("watch").start(server::watch);
      return server;
    } catch (IOException e) {
      throw new InputException(
          "cannot-listen", "cannot listen at " + options.address() + ": " + e.getMessage());
    }
  }

  /** The port it listens at. */
  public int port() {
    return listener.getLocalPort();
  }

  /** Returns when the server has been closed, or can no longer listen. */
  public void awaitStop() throws InterruptedException {
    stopped.await();
  }

  private void accept() {
    try (listener) {
      while (!closing) {
        Socket socket = listener.accept();
        open.add(socket);
        Thread.ofVirtual().name("connection").start(() -> serve(socket));
      }
    } catch (IOException e) {
      if (!closing) {
        LOG.log(System.Logger.Level.ERROR, "no more connections can be taken", e);
      }
    } finally {
      stopped.countDown();
    }
  }

  /** Ends those who take no replies, until the server stops. */
  private void watch() {
    long each = Math.max(1, options.idleTimeout().toMillis() / 4);
    try {
      while (!stopped.await(each, TimeUnit.MILLISECONDS)) {
        sessions.forEach(Session::endIfStuck);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void serve(Socket socket) {
    boolean admitted = room.tryAcquire();
    try (socket) {
      Session session = new Session(store, options, transactions, socket);
      if (closing || !admitted) {
        session.refuse();
      } else {
        sessions.add(session);
        try {
          session.run();
        } finally {
          sessions.remove(session);
        }
      }
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "a connection ended", e);
    } finally {
      if (admitted) {
        room.release();
      }
      open.remove(socket);
    }
  }

  /**
   * Takes no more connections and ends those there are; their transactions are rolled back. One
   * that is inside the store for more than two seconds is left to the closing of the store.
   */
  @Override
  public void close() {
    closing = true;
    closeQuietly(listener);
    open.forEach(Server::closeQuietly);
    try {
      // All permits: nobody is being served.
      if (!room.tryAcquire(
          options.maxConnections(), LONGEST_GOODBYE.toMillis(), TimeUnit.MILLISECONDS)) {
        LOG.log(System.Logger.Level.DEBUG, "a connection is still inside the store");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    stopped.countDown();
  }

  static void closeQuietly(AutoCloseable socket) {
    try {
      socket.close();
    } catch (Exception e) {
      LOG.log(System.Logger.Level.DEBUG, "closing a socket", e);
    }
  }
}
