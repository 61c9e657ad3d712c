package dev.redoubt.demo.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.demo.command.Program.Result;
import dev.redoubt.demo.serve.Connection;
import dev.redoubt.demo.store.RestartText;
import dev.redoubt.demo.store.Stores;
import dev.redoubt.kv.Store;
import dev.redoubt.recovery.RecoveryListener;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class ServeCommandTest {
  @TempDir private Path folder;

  private Process start() throws IOException {
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    return new ProcessBuilder(
            List.of(
                java.toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.redoubt.demo.Main",
                "serve",
                folder.resolve("store").toString()))
        .redirectErrorStream(true)
        .start();
  }

  @Test
  void sigtermRollsBackAndClosesInOrder() throws Exception {
    Process server = start();
    try (BufferedReader out = server.inputReader(StandardCharsets.UTF_8)) {
      String ready = out.readLine();
      assertNotNull(ready);
      assertTrue(ready.matches("READY [0-9]+"), ready);
      int port = Integer.parseInt(ready.substring("READY ".length()));
      InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
      try (Connection client = Connection.to(address, Duration.ofMinutes(2))) {
        client.ask("put", "k", "kept");
        client.ask("begin");
        client.ask("put", "k", "half");
        server.toHandle().destroy(); // Process.destroy would close what is still to be read
        assertEquals(143, server.waitFor());
        assertNull(out.readLine());
      }
    } finally {
      server.destroyForcibly();
    }
    try (Store store = Stores.openExisting(folder.resolve("store"), RecoveryListener.NONE)) {
      assertTrue(RestartText.nothingToDo(store.lastRecovery()), "closed in order");
    }
    assertEquals("kept\n", Program.run("get", folder.resolve("store"), "k").out());
  }

  @Test
  void badOptionsMakeNoStore() {
    Path store = folder.resolve("store");
    for (List<Object> bad :
        List.<List<Object>>of(
            List.of("--port", "70000"),
            List.of("--host", "not.an.address.invalid"),
            List.of("--idle", "0"),
            List.of("--max-line", "1"),
            List.of("--max-connections", "0"))) {
      Result result = Program.run("serve", store, bad.getFirst(), bad.getLast());
      assertEquals(2, result.code(), result.err());
      assertEquals("", result.out());
      assertTrue(result.err().startsWith("redoubt: "), result.err());
    }
    assertTrue(Files.notExists(store));
  }
}
