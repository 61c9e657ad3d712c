package dev.redoubt.demo.serve;

import dev.redoubt.demo.output.InputException;
import dev.redoubt.kv.Store;
import dev.redoubt.kv.TransactionOptions;
import dev.redoubt.kv.WriteTx;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** One connection, from its first line to its end. Confined to its thread, but for the watch. */
final class Session {
  private final Socket socket;
  private final Duration idleTimeout;
  private final WatchedOutput out;
  private final RequestLines lines;
  private final Replies replies;
  private final Conversation conversation;

  Session(
      Store store,
      ServerOptions options,
      Function<TransactionOptions, WriteTx> transactions,
      Socket socket)
      throws IOException {
    this.socket = socket;
    socket.setTcpNoDelay(true);
    socket.setSoTimeout((int) options.idleTimeout().toMillis());
    lines = new RequestLines(socket.getInputStream(), options.maxLineBytes());
    idleTimeout = options.idleTimeout();
    out = new WatchedOutput(socket.getOutputStream());
    replies = new Replies(out);
    conversation = new Conversation(store, options.tree(), transactions, replies);
  }

  /** Tells the client that it is one too many. */
  void refuse() throws IOException {
    replies.error("too-many-connections", Outcome.KEPT, "come back later");
    replies.send();
  }

  /**
   * Cuts a client off that takes no replies, so that what it left open is rolled back; any thread.
   */
  void endIfStuck() {
    if (out.isStuck(idleTimeout)) {
      Server.closeQuietly(socket);
    }
  }

  /** Answers until the client goes, quits, or is silent too long; rolls back what it left open. */
  void run() throws IOException {
    try (conversation) {
      boolean more = true;
      while (more) {
        more = answerNext();
        replies.send();
      }
    }
  }

  private boolean answerNext() throws IOException {
    try {
      @Nullable String line = lines.next();
      return line != null && conversation.answer(Words.split(line));
    } catch (SocketTimeoutException e) {
      replies.error("idle", Outcome.ABORTED, "nothing came for " + socket.getSoTimeout() + " ms");
      return false;
    } catch (InputException e) {
      replies.error(e.code(), Outcome.KEPT, String.valueOf(e.getMessage()));
      return true;
    } catch (IllegalArgumentException e) {
      replies.error("bad-request", Outcome.KEPT, String.valueOf(e.getMessage()));
      return true;
    }
  }
}
