package dev.redoubt.demo.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.io.DiskFullException;
import dev.redoubt.kv.Codecs;
import dev.redoubt.kv.Store;
import dev.redoubt.kv.StoreOptions;
import dev.redoubt.kv.TreeDef;
import dev.redoubt.kv.WriteTx;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class ServerTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** Far longer than a busy machine keeps anybody from the next request. */
  private static final Duration IDLE = Duration.ofSeconds(1);

  @TempDir private Path folder;
  private final List<AutoCloseable> open = new ArrayList<>();
  private Store store;
  private Server server;

  @BeforeEach
  void start() {
    StoreOptions defaults = StoreOptions.defaults();
    store =
        Store.open(
            folder.resolve("store"),
            defaults.withEngine(
                defaults
                    .engine()
                    .withFrames(64)
                    .withLog(defaults.engine().log().withSegmentBytes(1 << 20))));
    server = Server.start(store, ServerOptions.onLoopback(0));
  }

  @AfterEach
  void stop() throws Exception {
    for (AutoCloseable each : open) {
      each.close();
    }
    server.close();
    store.close();
  }

  private void restart(ServerOptions options) {
    server.close();
    server = Server.start(store, options);
  }

  private InetSocketAddress address() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port());
  }

  private Connection connect() throws IOException {
    Connection connection = Connection.to(address(), PATIENCE);
    open.add(connection);
    return connection;
  }

  private static String first(@Nullable List<String> words) {
    assertNotNull(words);
    return words.getFirst();
  }

  private static void refused(String code, Outcome outcome, Executable request) {
    ServerException error = assertThrows(ServerException.class, request);
    assertEquals(code + " " + outcome, error.code() + " " + error.outcome(), error.getMessage());
  }

  @Test
  void oneRequestAloneIsATransaction() throws Exception {
    Connection client = connect();
    assertEquals(List.of(), client.ask("put", "k", "v"));
    assertEquals(List.of("v"), client.ask("get", "k"));
    assertEquals(List.of("v"), client.ask("remove", "k"));
    assertNull(client.ask("remove", "k"));
    assertNull(client.ask("get", "k"));
    assertEquals(List.of("7"), client.ask("add", "n", "7"));
    assertEquals(List.of("4"), client.ask("add", "n", "-3"));
    assertEquals(List.of("2"), client.ask("append", "l", "a,"));
    assertEquals(List.of("4"), client.ask("append", "l", "b,"));
    assertEquals(List.of(List.of("l", "a,b,"), List.of("n", "4")), connect().scan("scan"));
  }

  @Test
  void scanHonoursBoundsLimitAndDirection() throws Exception {
    Connection client = connect();
    for (String key : List.of("a", "b", "c", "d")) {
      client.ask("put", key, key + key);
    }
    assertEquals(List.of(List.of("b", "bb"), List.of("c", "cc")), client.scan("scan", "b", "d"));
    assertEquals(List.of(List.of("d", "dd")), client.scan("scan-down", "b", "", "1"));
    assertEquals(List.of(List.of("a", "aa")), client.scan("scan", "", "b"));
  }

  @Test
  void transactionIsSeenWhenCommittedAndNotBefore() throws Exception {
    Connection writer = connect();
    Connection reader = connect();
    writer.ask("begin", "serializable", "sync");
    writer.ask("put", "k", "v");
    assertEquals(List.of("v"), writer.ask("get", "k"));
    assertNull(reader.ask("get", "k"));
    List<String> lsn = writer.ask("commit");
    assertTrue(Long.parseLong(first(lsn)) > 0);
    assertEquals(List.of("v"), reader.ask("get", "k"));
    writer.ask("begin", "snapshot", "async");
    writer.ask("put", "k", "w");
    writer.ask("rollback");
    assertEquals(List.of("v"), reader.ask("get", "k"));
  }

  @Test
  void readOnlyTransactionKeepsItsSnapshotAndWritesNothing() throws Exception {
    Connection reader = connect();
    reader.ask("begin", "read-only");
    assertNull(reader.ask("get", "k"));
    connect().ask("put", "k", "v");
    assertNull(reader.ask("get", "k"));
    refused("read-only-transaction", Outcome.KEPT, () -> reader.ask("put", "k", "w"));
    assertEquals(List.of("0"), reader.ask("commit"));
    assertEquals(List.of("v"), reader.ask("get", "k"));
  }

  @Test
  void savepointsNestAndLaterOnesGo() throws Exception {
    Connection client = connect();
    client.ask("begin");
    client.ask("put", "a", "1");
    client.ask("savepoint", "one");
    client.ask("put", "b", "2");
    client.ask("savepoint", "two");
    client.ask("put", "c", "3");
    client.ask("rollback-to", "one");
    refused("no-such-savepoint", Outcome.KEPT, () -> client.ask("rollback-to", "two"));
    client.ask("put", "d", "4");
    client.ask("rollback-to", "one");
    client.ask("put", "e", "5");
    client.ask("commit");
    assertEquals(List.of(List.of("a", "1"), List.of("e", "5")), client.scan("scan"));
  }

  @Test
  void conflictRollsBackAndSaysSo() throws Exception {
    Connection one = connect();
    Connection two = connect();
    one.ask("begin");
    assertNull(one.ask("get", "k"));
    one.ask("put", "other", "1");
    two.ask("put", "k", "v");
    refused("conflict", Outcome.ABORTED, () -> one.ask("commit"));
    refused("no-transaction", Outcome.KEPT, () -> one.ask("commit"));
    assertNull(two.ask("get", "other"));
  }

  @Test
  void badRequestsChangeNothing() throws Exception {
    Connection client = connect();
    client.ask("begin");
    client.ask("put", "k", "v");
    refused("bad-request", Outcome.KEPT, () -> client.ask("frob"));
    refused("bad-request", Outcome.KEPT, () -> client.ask("get"));
    refused("bad-request", Outcome.KEPT, () -> client.ask("put", "k", "v", "w"));
    refused("transaction-open", Outcome.KEPT, () -> client.ask("begin"));
    refused("not-a-number", Outcome.KEPT, () -> client.ask("add", "k", "1"));
    refused("not-a-number", Outcome.KEPT, () -> client.ask("add", "n", "x"));
    client.ask("put", "n", "" + Long.MAX_VALUE);
    refused("not-a-number", Outcome.KEPT, () -> client.ask("add", "n", "1"));
    refused("bad-request", Outcome.KEPT, () -> client.ask("use", ""));
    client.ask("commit");
    refused("bad-request", Outcome.KEPT, () -> client.ask("begin", "sometimes"));
    assertEquals(List.of("v"), client.ask("get", "k"));
  }

  @Test
  void anyTextPasses() throws Exception {
    Connection client = connect();
    for (String text : List.of("", " ", "a b", "%", "%41", "\n\r\t\0", "é漢😀", "ok none")) {
      client.ask("put", "k" + text, text);
      assertEquals(List.of(text), client.ask("get", "k" + text));
    }
    assertEquals(8, client.scan("scan").size());
  }

  @Test
  void treesAreKeptApart() throws Exception {
    Connection client = connect();
    client.ask("put", "k", "main");
    client.ask("use", "other");
    assertNull(client.ask("get", "k"));
    client.ask("put", "k", "other");
    TreeDef<String, String> main = TreeDef.of("main", Codecs.UTF_8, Codecs.UTF_8);
    assertEquals("main", store.read(tx -> tx.tree(main).get("k")));
    assertEquals(List.of("main", "other"), store.listTrees());
  }

  @Test
  void endOfAConnectionRollsBack() throws Exception {
    Connection gone = connect();
    gone.ask("begin");
    gone.ask("put", "k", "half");
    gone.close();
    // The key is free when the server has noticed: a put waits for it.
    assertEquals(List.of(), connect().ask("put", "k", "v"));
    assertEquals(List.of("v"), connect().ask("get", "k"));
  }

  @Test
  void silentConnectionIsRolledBackAndTold() throws Exception {
    restart(ServerOptions.onLoopback(0).withIdleTimeout(IDLE));
    Connection silent = connect();
    silent.ask("begin");
    silent.ask("put", "k", "half");
    assertEquals(List.of(), connect().ask("put", "k", "v"));
    // The note that came with the end answers the next request.
    refused("idle", Outcome.ABORTED, () -> silent.ask("commit"));
    assertEquals(List.of("v"), connect().ask("get", "k"));
  }

  /** It is not silent, and waits for nothing: it just does not read on. */
  @Test
  void aClientThatTakesNoRepliesKeepsNoKeys() throws Exception {
    Connection client = connect();
    String large = "x".repeat(1_000_000);
    for (int i = 0; i < 40; i++) { // more than sockets buffer
      client.ask("put", "large" + i, large);
    }
    restart(ServerOptions.onLoopback(0).withIdleTimeout(IDLE));
    try (Socket socket = new Socket(address().getAddress(), server.port())) {
      OutputStream out = socket.getOutputStream();
      out.write("begin\nput k half\nscan\n".getBytes(StandardCharsets.UTF_8));
      InputStream in = socket.getInputStream();
      assertEquals("ok\nok\n", new String(in.readNBytes(6), StandardCharsets.UTF_8));
      while (store.stats().activeTransactions() > 0) {
        Thread.onSpinWait();
      }
      assertEquals(List.of(), connect().ask("put", "k", "v"));
    }
  }

  @Test
  void halfARequestIsNotCarriedOut() throws Exception {
    try (Socket socket = new Socket(address().getAddress(), server.port())) {
      OutputStream out = socket.getOutputStream();
      out.write("put k v\nput k val".getBytes(StandardCharsets.UTF_8));
      socket.shutdownOutput();
      byte[] replies = socket.getInputStream().readAllBytes();
      assertEquals("ok\n", new String(replies, StandardCharsets.UTF_8));
    }
    assertEquals(List.of("v"), connect().ask("get", "k"));
  }

  @Test
  void longAndIllFormedLinesAreRefusedAndPassedOver() throws Exception {
    restart(ServerOptions.onLoopback(0).withMaxLineBytes(64));
    try (Socket socket = new Socket(address().getAddress(), server.port())) {
      OutputStream out = socket.getOutputStream();
      String most = "put k " + "x".repeat(58);
      out.write((most + "\r\n" + most + "x\r\n").getBytes(StandardCharsets.UTF_8));
      out.write(("put k " + "y".repeat(100_000) + "\n").getBytes(StandardCharsets.UTF_8));
      out.write("get %4\nget %ff\nget \u00ff\nget k\n".getBytes(StandardCharsets.ISO_8859_1));
      out.write("quit\nput k after\n".getBytes(StandardCharsets.UTF_8));
      String replies = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      List<String> lines = replies.lines().map(l -> l.replaceAll("( kept) .*", "$1")).toList();
      String tooLong = "err line-too-long kept";
      String bad = "err bad-request kept";
      String value = "ok " + "x".repeat(58);
      assertEquals(List.of("ok", tooLong, tooLong, bad, bad, bad, value, "ok"), lines);
    }
  }

  @Test
  void oneConnectionTooManyIsToldSo() throws Exception {
    restart(ServerOptions.onLoopback(0).withMaxConnections(1));
    Connection first = connect();
    first.ask("ping");
    refused("too-many-connections", Outcome.KEPT, () -> connect().ask("ping"));
    first.close();
    while (true) { // its place is free when the server has noticed
      try {
        connect().ask("ping");
        return;
      } catch (ServerException | EOFException e) {
        Thread.onSpinWait();
      }
    }
  }

  @Test
  void stoppingEndsConnectionsAndRollsBack() throws Exception {
    Connection client = connect();
    client.ask("begin");
    client.ask("put", "k", "half");
    server.close();
    server.awaitStop();
    assertThrows(IOException.class, () -> client.ask("commit"));
    assertEquals(0, store.stats().activeTransactions());
    while (true) { // another program may listen at that port for a while
      try {
        connect().close();
      } catch (IOException nobodyListens) {
        return;
      }
    }
  }

  @Test
  void transactionIsOverWhenTheStoreHasClosed() throws Exception {
    Connection client = connect();
    client.ask("begin");
    client.ask("put", "k", "half");
    store.close();
    refused("closed", Outcome.ABORTED, () -> client.ask("put", "k", "more"));
    refused("closed", Outcome.KEPT, () -> client.ask("get", "k"));
  }

  @Test
  void checkpointAndVerify() throws Exception {
    Connection client = connect();
    client.ask("put", "k", "v");
    assertTrue(Long.parseLong(first(client.ask("checkpoint"))) > 0);
    assertEquals(List.of(), client.ask("verify"));
  }

  @Test
  void manyConnectionsAddUp() throws Exception {
    List<Thread> clients = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      clients.add(
          Thread.startVirtualThread(
              () -> {
                try (Connection client = Connection.to(address(), PATIENCE)) {
                  client.ask("add", "sum", "1");
                } catch (IOException | ServerException e) {
                  throw new AssertionError(e);
                }
              }));
    }
    for (Thread client : clients) {
      client.join();
    }
    assertEquals(List.of("300"), connect().ask("get", "sum"));
  }

  /** Else the client takes the second one for the answer to its next request. */
  @Test
  void aRollbackThatFailsAddsNoSecondReply() throws Exception {
    server.close();
    server =
        Server.start(
            store, ServerOptions.onLoopback(0), how -> failingWith(new DiskFullException("full")));
    Connection client = connect();
    refused("disk-full", Outcome.ABORTED, () -> client.ask("put", "k", "v"));
    assertNull(client.ask("get", "k"));
  }

  private static WriteTx failingWith(RuntimeException failure) {
    return (WriteTx)
        Proxy.newProxyInstance(
            WriteTx.class.getClassLoader(),
            new Class<?>[] {WriteTx.class},
            (proxy, method, arguments) -> {
              throw failure;
            });
  }
}
