package dev.redoubt.crash.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.crash.check.Consistency;
import dev.redoubt.crash.check.Verdict;
import dev.redoubt.crash.history.History;
import dev.redoubt.crash.history.Recorder;
import dev.redoubt.crash.process.ChildJvm;
import dev.redoubt.crash.process.CommitLoop;
import dev.redoubt.crash.workload.Client;
import dev.redoubt.crash.workload.Crew;
import dev.redoubt.crash.workload.Workload;
import dev.redoubt.crash.workload.Workloads;
import dev.redoubt.io.StoreLockedException;
import dev.redoubt.kv.Codecs;
import dev.redoubt.kv.Isolation;
import dev.redoubt.kv.ReadTree;
import dev.redoubt.kv.Store;
import dev.redoubt.kv.StoreOptions;
import dev.redoubt.kv.TreeDef;
import dev.redoubt.recovery.RestartMode;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a JVM and its machine can do to a store: interrupts, errors, a second process, the clock.
 */
@Timeout(600)
class JvmFaultTest {
  private static final TreeDef<String, String> TREE =
      TreeDef.of("tree", Codecs.UTF_8, Codecs.UTF_8);

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({"savepoints, 2", "large, 9"})
  void errorInsideCommitOrRollbackLosesNothing(String workload, int stride) {
    errorAtEach(workload, stride);
  }

  @ParameterizedTest
  @ValueSource(strings = {"savepoints", "large", "predicate", "bank-by-increments"})
  @Tag("slow")
  void errorAtEveryCallLosesNothing(String workload) {
    errorAtEach(workload, 1);
  }

  @Test
  void endOfTheStackInsideCommitOrRollbackLosesNothing() {
    deepStack(9);
  }

  @Test
  @Tag("slow")
  void everyEndOfTheStackInsideCommitOrRollbackLosesNothing() {
    deepStack(1);
  }

  private static void deepStack(int stride) {
    String last = "";
    try (ChildJvm child = ChildJvm.start(DeepStack.class, Integer.toString(stride))) {
      for (String line = child.readLine(); line != null; line = child.readLine()) {
        System.out.println(line);
        last = line;
      }
    }
    assertEquals("over", last, "what went wrong is on the standard error");
  }

  private static void errorAtEach(String workload, int stride) {
    int tried = 0;
    int halted = 0;
    List<Supplier<Error>> errors =
        List.of(() -> new OutOfMemoryError("planted"), () -> new StackOverflowError("planted"));
    boolean struck = true;
    for (long nth = 0; struck; nth += stride) {
      for (Supplier<Error> error : errors) {
        ErrorAtACall run = new ErrorAtACall(workload, nth, error);
        try {
          struck = run.check();
        } catch (RuntimeException | AssertionError e) {
          throw new AssertionError(workload + ", " + error.get() + " at call " + nth, e);
        }
        tried += struck ? 1 : 0;
        halted += run.halted() ? 1 : 0;
      }
    }
    System.out.println(
        workload + ": errors of the JVM at " + tried + " calls to the disk, halted by " + halted);
    assertTrue(tried > 10, "tried " + tried);
  }

  @Test
  @Tag("slow")
  void fullHeapLosesNothingAcknowledged() {
    long[] acknowledged = new long[TightHeap.WRITERS];
    long errors = -1;
    int halted = 0;
    try (ChildJvm child =
        ChildJvm.start(List.of("-Xmx24m"), TightHeap.class, folder.toString(), "1500")) {
      for (String line = child.readLine(); line != null; line = child.readLine()) {
        String[] words = line.split(" ", -1);
        assertFalse(words[0].equals("stuck"), line);
        if (words[0].equals("over")) {
          errors = Long.parseLong(words[1]);
        } else if (words[0].equals("halted")) {
          halted++;
        } else {
          acknowledged[Integer.parseInt(words[0])] = Long.parseLong(words[1]);
        }
      }
    }
    assertTrue(
        errors > 0 || halted > 0, "the heap was never full: " + Arrays.toString(acknowledged));
    long committed = 0;
    try (Store store = Store.open(folder, CommitLoop.options())) {
      for (int writer = 0; writer < TightHeap.WRITERS; writer++) {
        committed += checkWriter(store, writer, acknowledged[writer]);
      }
      assertTrue(store.verify(_ -> {}).ok());
    }
    System.out.println(
        "full heap: "
            + errors
            + " errors met, "
            + halted
            + " of 3 writers told of a halt, "
            + committed
            + " commits found, all whole");
  }

  private static long checkWriter(Store store, int writer, long acknowledged) {
    return store.read(
        tx -> {
          ReadTree<String, Long> tree = tx.tree(TightHeap.TREE);
          long counter = tree.find("counter " + writer).orElse(0L);
          assertTrue(counter >= acknowledged, writer + ": " + counter + " < " + acknowledged);
          for (long n = 1; n <= counter + 1; n++) {
            for (int i = 0; i < TightHeap.ENTRIES; i++) {
              Long found = tree.get(TightHeap.entry(writer, n, i));
              assertEquals(n <= counter ? n : null, found, "entry " + n + "." + i);
            }
          }
          return counter;
        });
  }

  @Test
  void interruptsOfClientsHarmNothing() throws InterruptedException {
    Workload workload = Workloads.of("list-append");
    Recorder recorder = new Recorder(System::nanoTime);
    Queue<Thread> clients = new ConcurrentLinkedQueue<>();
    ThreadFactory threads =
        body -> {
          Thread thread = Thread.ofPlatform().daemon().unstarted(body);
          clients.add(thread);
          return thread;
        };
    Crew crew = new Crew(workload, recorder, 6, 1, threads);
    StoreOptions options = CommitLoop.options();
    AtomicBoolean over = new AtomicBoolean();
    AtomicLong interrupts = new AtomicLong();
    Thread storm = Thread.ofPlatform().daemon().start(() -> interrupt(clients, over, interrupts));
    try (Store store = Store.open(folder, options)) {
      Supplier<Client> client = () -> new StoreClient(store, options.transaction());
      crew.shift(client, 150, () -> false);
      over.set(true);
      storm.join();
      crew.finalRead(client.get(), 3);
      assertTrue(store.verify(_ -> {}).ok());
    }
    History history = recorder.history();
    Verdict verdict = workload.checker(Consistency.STRICT_SERIALIZABLE).check(history);
    assertTrue(verdict.ok(), verdict::toString);
    long done = history.transactions().stream().filter(t -> t.isAcknowledged()).count();
    System.out.println(interrupts + " interrupts, " + done + " transactions acknowledged");
    assertTrue(interrupts.get() > 50 && done > 100, interrupts + " interrupts, " + done + " done");
  }

  private static void interrupt(Queue<Thread> clients, AtomicBoolean over, AtomicLong interrupts) {
    SplittableRandom random = new SplittableRandom(1);
    while (!over.get()) {
      for (Thread client : clients) {
        if (random.nextInt(3) == 0 && client.isAlive()) {
          client.interrupt();
          interrupts.incrementAndGet();
        }
      }
      LockSupport.parkNanos(200_000);
    }
  }

  @Test
  void secondProcessIsRefusedAndHarmsNothing() {
    try (Store store = Store.open(folder)) {
      store.write(tx -> tx.tree(TREE).put("a", "before"));
      try (ChildJvm second = ChildJvm.start(SecondOpener.class, folder.toString())) {
        String told = second.readLine();
        assertNotNull(told, "the second process said nothing");
        assertTrue(told.startsWith("StoreLockedException: "), told);
        assertTrue(told.contains(folder.toString()), told);
      }
      store.write(tx -> tx.tree(TREE).put("b", "after"));
      assertTrue(store.verify(_ -> {}).ok());
    }
    try (ChildJvm holder = ChildJvm.start(SecondOpener.class, folder.toString())) {
      assertEquals("open 1", holder.readLine());
      assertThrows(StoreLockedException.class, () -> Store.open(folder));
    }
    try (Store store = Store.open(folder)) { // its holder was killed
      assertEquals(
          List.of("before", "after"),
          store.read(tx -> tx.tree(TREE).stream().map(e -> e.getValue()).toList()));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "SERIALIZABLE, AHEAD, HOUR",
    "SNAPSHOT, AHEAD, YEARS",
    "SERIALIZABLE, BOTH_WAYS, HOUR",
    "SNAPSHOT, BOTH_WAYS, YEARS"
  })
  void clockThatJumpsHarmsNothing(Isolation isolation, JumpingClock.Way way, JumpingClock.Span span)
      throws InterruptedException {
    StoreOptions options = RealHistoriesTest.options(isolation, RestartMode.INSTANT);
    JumpingClock clock = new JumpingClock(way, span);
    StoreRun.Plan plan = new StoreRun.Plan("list-append", options, 6, 60, 2, 1);
    StoreRun run =
        new StoreRun(
            plan,
            Workloads.of(plan.workload()),
            (store, of) -> new StoreClient(store, of.transaction()),
            clock,
            Thread.ofPlatform().daemon().factory());
    Verdict verdict = run.judge(run.run(), plan.promised());
    assertTrue(verdict.ok(), verdict::toString);
    assertTrue(clock.jumps() > 10, "jumps: " + clock.jumps());
  }
}
