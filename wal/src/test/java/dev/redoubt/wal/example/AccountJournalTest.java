package dev.redoubt.wal.example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.wal.example.AccountEvent.Deposited;
import dev.redoubt.wal.example.AccountEvent.Snapshot;
import dev.redoubt.wal.example.AccountEvent.Transferred;
import java.io.BufferedReader;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The example does what it says, kill -9 included. */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class AccountJournalTest {
  private static final int KILLS = 5;

  @TempDir Path directory;

  private static Map<Long, AccountEvent> events(AccountJournal journal, long fromLsn) {
    Map<Long, AccountEvent> events = new TreeMap<>();
    journal.replay(fromLsn, (event, lsn) -> events.put(lsn, event));
    return events;
  }

  @Test
  void everyEventIsDecodedAsItWasEncoded() {
    List<AccountEvent> events =
        List.of(
            new Deposited("ann", Long.MAX_VALUE),
            new Transferred("", "żółw", -1),
            new Snapshot(new TreeMap<>()),
            new Snapshot(new TreeMap<>(Map.of("ann", 1L, "bob", 2L))));
    for (AccountEvent event : events) {
      ByteBuffer bytes = event.encode();
      assertEquals(event, AccountEvent.decode(bytes));
      assertEquals(0, bytes.remaining());
    }
    byte[] unknown = {9};
    assertThrows(
        IllegalArgumentException.class, () -> AccountEvent.decode(ByteBuffer.wrap(unknown)));
  }

  @Test
  void openingReplaysFromTheLastSnapshotAndAReaderGoesOnFromWhatItRemembers() {
    long first;
    try (AccountJournal journal = AccountJournal.open(directory)) {
      first = journal.deposit("ann", 100);
      long second = journal.transfer("ann", "bob", 30);
      assertThrows(IllegalStateException.class, () -> journal.transfer("ann", "bob", 71));
      journal.await(second);
      assertEquals(
          Map.of(first, new Deposited("ann", 100), second, new Transferred("ann", "bob", 30)),
          events(journal, 0));
      assertEquals(Map.of(second, new Transferred("ann", "bob", 30)), events(journal, first + 1));
      assertEquals(Map.of(), events(journal, second + 1));
    }
    try (AccountJournal journal = AccountJournal.open(directory)) {
      assertEquals(Map.of("ann", 70L, "bob", 30L), journal.balances());
      long snapshot = journal.snapshot();
      long after = journal.transfer("bob", "ann", 30);
      journal.await(after);
      assertEquals(List.of(snapshot, after), List.copyOf(events(journal, 0).keySet()));
    }
    try (AccountJournal journal = AccountJournal.open(directory)) {
      assertInstanceOf(Snapshot.class, events(journal, 0).values().iterator().next());
      assertEquals(Map.of("ann", 100L, "bob", 0L), journal.balances());
    }
  }

  @Test
  void aFollowerIsHandedEveryEventInOrderAsItBecomesDurable() throws Exception {
    BlockingQueue<Map.Entry<Long, AccountEvent>> handed = new LinkedBlockingQueue<>();
    try (AccountJournal journal = AccountJournal.open(directory)) {
      journal.await(journal.deposit("ann", 1_000));
      FutureTask<Void> following =
          new FutureTask<>(
              () -> {
                AccountJournal.follow(
                    directory, 0, (event, lsn) -> handed.add(Map.entry(lsn, event)));
                return null;
              });
      Thread follower = Thread.ofVirtual().start(following);
      Map<Long, AccountEvent> expected = new TreeMap<>(events(journal, 0));
      for (int i = 1; i <= 100; i++) {
        long lsn = journal.transfer("ann", "bob " + i, i % 7);
        expected.put(lsn, new Transferred("ann", "bob " + i, i % 7));
        if (i % 10 == 0) {
          journal.await(lsn);
        }
      }
      for (Map.Entry<Long, AccountEvent> next : expected.entrySet()) {
        assertEquals(next, handed.take());
      }
      follower.interrupt();
      ExecutionException ended = assertThrows(ExecutionException.class, following::get);
      assertInstanceOf(InterruptedException.class, ended.getCause());
    }
    assertEquals(0, handed.size());
  }

  /** The program runs, prints, and is killed in the middle; again and again on one directory. */
  @Test
  void killedAtAnyMomentItKeepsEveryEventThatItPrintedAndEveryCent() throws Exception {
    SplittableRandom random = new SplittableRandom(1);
    int printed = 0;
    for (int kill = 0; kill < KILLS; kill++) {
      List<String> lines = runAndKillAfter(1 + random.nextInt(500));
      printed += lines.size();
      try (AccountJournal journal = AccountJournal.open(directory)) {
        Set<String> durable = new HashSet<>();
        events(journal, 0).forEach((lsn, event) -> durable.add(lsn + " " + event));
        long begin = events(journal, 0).keySet().iterator().next();
        List<String> missing = new ArrayList<>(lines);
        missing.removeIf(line -> lsn(line) < begin || durable.contains(line));
        assertEquals(List.of(), missing);
        long total = journal.balances().values().stream().mapToLong(cents -> cents).sum();
        assertEquals(1_000_000_00, total);
      }
    }
    assertTrue(printed >= KILLS, "printed " + printed);
  }

  private static long lsn(String line) {
    return Long.parseLong(line.substring(0, line.indexOf(' ')));
  }

  /** All lines that the program printed whole before it died; at least {@code lines}. */
  private List<String> runAndKillAfter(int lines) throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                AccountProgram.class.getName(),
                directory.toString(),
                "run")
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    List<String> all = new ArrayList<>();
    try (BufferedReader out = process.inputReader()) {
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        all.add(line);
        if (all.size() == lines) {
          process.toHandle().destroyForcibly(); // SIGKILL; what it printed can still be read
        }
      }
      process.waitFor();
    } finally {
      process.destroyForcibly();
    }
    if (!all.isEmpty() && !all.getLast().endsWith("]")) {
      all.removeLast(); // cut off in the middle
    }
    assertTrue(all.size() >= lines, "printed " + all.size() + " lines and then ended by itself");
    return all;
  }
}
