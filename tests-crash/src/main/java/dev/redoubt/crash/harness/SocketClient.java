package dev.redoubt.crash.harness;

import dev.redoubt.crash.history.MicroOp;
import dev.redoubt.crash.history.Value;
import dev.redoubt.crash.workload.AbortedException;
import dev.redoubt.crash.workload.Client;
import dev.redoubt.demo.serve.Connection;
import dev.redoubt.demo.serve.Outcome;
import dev.redoubt.demo.serve.ServerException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A client of a server, at its end of a socket. It connects again when a connection was lost. A
 * list is kept as its numbers with a comma behind each, so that the server itself appends. Confined
 * to one thread, but for {@link #drop}.
 */
final class SocketClient implements Client {
  private static final Duration PATIENCE = Duration.ofMillis(1500);
  private static final Duration PAUSE = Duration.ofMillis(50);

  private final Supplier<InetSocketAddress> server;
  private volatile @Nullable Connection connection;

  SocketClient(Supplier<InetSocketAddress> server) {
    this.server = server;
  }

  @Override
  public Tx begin(boolean readOnly) {
    try {
      Connection open = connection;
      if (open == null) {
        open = Connection.to(server.get(), PATIENCE);
        connection = open;
      }
      if (readOnly) {
        open.ask("begin", "read-only");
      } else {
        open.ask("begin");
      }
      return new Transaction(open);
    } catch (IOException e) {
      drop();
      pause(); // the server is down, or cut off
      throw new AbortedException(e);
    } catch (ServerException e) {
      drop();
      throw new AbortedException(e);
    }
  }

  private static void pause() {
    try {
      Thread.sleep(PAUSE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Closes the connection, from any thread: whoever waits for a reply gets an error. */
  void drop() {
    Connection open = connection;
    connection = null;
    if (open != null) {
      try {
        open.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  @Override
  public void close() {
    drop();
  }

  private final class Transaction implements Tx {
    private final Connection open;

    Transaction(Connection open) {
      this.open = open;
    }

    private @Nullable List<String> ask(String... words) {
      try {
        return open.ask(words);
      } catch (IOException e) {
        drop();
        throw new UncheckedIOException(e);
      } catch (ServerException e) {
        throw refused(e);
      }
    }

    private RuntimeException refused(ServerException e) {
      if (e.outcome() == Outcome.UNKNOWN) {
        drop();
        return new IllegalStateException(e.code() + ": " + e.getMessage(), e);
      }
      return new AbortedException(e);
    }

    private static Value value(String text) {
      if (!text.endsWith(",")) {
        return Value.parse(text);
      }
      return Value.parse("[" + text.substring(0, text.length() - 1) + "]");
    }

    @Override
    public @Nullable Value read(String key) {
      List<String> found = ask("get", key);
      return found == null ? null : value(found.getFirst());
    }

    @Override
    public void write(String key, long value) {
      ask("put", key, Long.toString(value));
    }

    @Override
    public void append(String key, long element) {
      ask("append", key, element + ",");
    }

    @Override
    public void add(String key, long delta) {
      ask("add", key, Long.toString(delta));
    }

    @Override
    public List<MicroOp.Entry> scan(String from, String to, boolean descending) {
      try {
        List<MicroOp.Entry> found = new ArrayList<>();
        for (List<String> entry : open.scan(descending ? "scan-down" : "scan", from, to)) {
          found.add(new MicroOp.Entry(entry.get(0), value(entry.get(1))));
        }
        return found;
      } catch (IOException e) {
        drop();
        throw new UncheckedIOException(e);
      } catch (ServerException e) {
        throw refused(e);
      }
    }

    @Override
    public void savepoint(int number) {
      ask("savepoint", "s" + number);
    }

    @Override
    public void rollbackTo(int number) {
      ask("rollback-to", "s" + number);
    }

    @Override
    public void commit() {
      ask("commit");
    }

    /** After an error of the server the transaction is over, and so is one whose connection is. */
    @Override
    public void rollback() {
      if (connection == open) {
        try {
          open.ask("rollback");
        } catch (IOException e) {
          drop();
        } catch (ServerException e) {
          if (!e.code().equals("no-transaction")) {
            drop();
          }
        }
      }
    }
  }
}
