package dev.redoubt.demo.serve;

import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A client's end of a connection to a {@link Server}: one request at a time. After an {@link
 * IOException} nothing is known of the last request and the connection is of no more use; closing
 * it, the server rolls back what was open. Confined to one thread.
 */
public final class Connection implements AutoCloseable {
  private static final int MOST_REPLY_BYTES = 1 << 30;

  private final Socket socket;
  private final OutputStream out;
  private final RequestLines lines;

  private Connection(Socket socket) throws IOException {
    this.socket = socket;
    this.out = socket.getOutputStream();
    this.lines = new RequestLines(socket.getInputStream(), MOST_REPLY_BYTES);
  }

  /**
   * Connects.
   *
   * @param patience longest wait for the connection, and for each reply
   */
  public static Connection to(InetSocketAddress server, Duration patience) throws IOException {
    Socket socket = new Socket();
    try {
      socket.connect(server, (int) patience.toMillis());
      socket.setSoTimeout((int) patience.toMillis());
      socket.setTcpNoDelay(true);
      return new Connection(socket);
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  /**
   * Sends a request and returns its answer: the words behind {@code ok}; null for {@code none}.
   *
   * @throws ServerException if the answer is an error
   * @throws IOException if there is no answer
   */
  public @Nullable List<String> ask(String... words) throws IOException, ServerException {
    List<List<String>> entries = new ArrayList<>();
    return ask(List.of(words), entries);
  }

  /** The same for a scan: the key and value of each entry, in order. */
  public List<List<String>> scan(String... words) throws IOException, ServerException {
    List<List<String>> entries = new ArrayList<>();
    ask(List.of(words), entries);
    return entries;
  }

  private @Nullable List<String> ask(List<String> words, List<List<String>> entries)
      throws IOException, ServerException {
    out.write((Words.join(words) + "\n").getBytes(StandardCharsets.UTF_8));
    while (true) {
      String line = lines.next();
      if (line == null) {
        throw new EOFException("the server closed the connection");
      }
      if (line.startsWith("err ")) {
        throw error(line);
      }
      List<String> reply = Words.split(line);
      switch (reply.getFirst()) {
        case "ok" -> {
          return reply.subList(1, reply.size());
        }
        case "none" -> {
          return null;
        }
        case "entry" -> entries.add(reply.subList(1, reply.size()));
        default -> throw new IOException("not a reply: " + line);
      }
    }
  }

  private static ServerException error(String line) throws IOException {
    String[] parts = line.split(" ", 4);
    if (parts.length < 4) {
      throw new IOException("not a reply: " + line);
    }
    try {
      Outcome outcome = Outcome.valueOf(parts[2].toUpperCase(Locale.ROOT));
      return new ServerException(parts[1], outcome, parts[3]);
    } catch (IllegalArgumentException e) {
      throw new IOException("not a reply: " + line, e);
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
