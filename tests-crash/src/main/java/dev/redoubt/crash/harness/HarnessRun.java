package dev.redoubt.crash.harness;

import dev.redoubt.crash.check.Consistency;
import dev.redoubt.crash.check.Verdict;
import dev.redoubt.crash.history.History;
import dev.redoubt.crash.history.HistoryFile;
import dev.redoubt.crash.history.Recorder;
import dev.redoubt.crash.history.Transaction;
import dev.redoubt.crash.workload.Client;
import dev.redoubt.crash.workload.Crew;
import dev.redoubt.crash.workload.Workload;
import dev.redoubt.crash.workload.Workloads;
import dev.redoubt.demo.serve.Connection;
import dev.redoubt.demo.serve.ServerException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * One run: starts a server, lets clients work, disturbs, kills once more, reads every key, verifies
 * the store, stops in order, and has the history judged. Confined to one thread.
 */
public final class HarnessRun {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int FINAL_ATTEMPTS = 100;

  private final Target target;
  private final HarnessOptions options;
  private final RunFolder folder;
  private final HarnessListener listener;
  private final Set<SocketClient> clients = ConcurrentHashMap.newKeySet();
  private final List<String> problems = new CopyOnWriteArrayList<>();

  private HarnessRun(
      Target target, HarnessOptions options, RunFolder folder, HarnessListener listener) {
    this.target = target;
    this.options = options;
    this.folder = folder;
    this.listener = listener;
  }

  /**
   * Runs. The target is closed at return; of a run that found something the store lies in the
   * folder.
   *
   * @param folder takes the trace and the history
   */
  public static HarnessReport run(
      Target target, HarnessOptions options, Path folder, HarnessListener listener)
      throws IOException {
    long began = System.nanoTime();
    try (target;
        RunFolder into = RunFolder.create(folder, options)) {
      return new HarnessRun(target, options, into, listener).run(began);
    }
  }

  private HarnessReport run(long began) throws IOException {
    Workload workload = Workloads.of(options.workload());
    Map<Disturbance, Integer> done;
    History history;
    try (HistoryFile file = HistoryFile.create(folder.history())) {
      Recorder recorder = new Recorder(System::nanoTime, file);
      done = drive(workload, recorder);
      history = recorder.history();
    }
    listener.checking(history.transactions().size());
    long checkBegan = System.nanoTime();
    Verdict verdict = workload.checker(Consistency.STRICT_SERIALIZABLE).check(history);
    long now = System.nanoTime();
    int acknowledged = 0;
    int failed = 0;
    for (Transaction each : history.transactions()) {
      acknowledged += each.isAcknowledged() ? 1 : 0;
      failed += each.isAborted() ? 1 : 0;
    }
    HarnessReport report =
        new HarnessReport(
            options.workload(),
            options.seed(),
            done,
            acknowledged,
            failed,
            history.transactions().size() - acknowledged - failed,
            verdict,
            problems,
            Duration.ofNanos(now - began),
            Duration.ofNanos(now - checkBegan),
            folder.path());
    if (!report.ok()) {
      folder.keepStore(target.store());
    }
    folder.conclude(report);
    return report;
  }

  private Map<Disturbance, Integer> drive(Workload workload, Recorder recorder) {
    Set<Disturbance> kinds = EnumSet.copyOf(target.disturbances());
    kinds.retainAll(options.only());
    Nemesis nemesis =
        new Nemesis(
            target,
            kinds,
            options.seed(),
            () -> clients.forEach(SocketClient::drop),
            recorder,
            this::trace);
    Crew crew =
        new Crew(
            workload,
            recorder,
            options.clients(),
            options.seed(),
            Thread.ofPlatform().daemon().name("client-", 0).factory());
    AtomicBoolean stop = new AtomicBoolean();
    @Nullable Thread shift = null;
    try {
      target.start();
      try (Client client = newClient()) {
        crew.setUp(client);
      }
      shift = Thread.ofPlatform().daemon().name("crew").start(() -> work(crew, stop));
      disturb(nemesis, recorder);
      end(shift, stop);
      readAll(crew);
    } catch (ServerFailure | IllegalStateException e) {
      problems.add(String.valueOf(e.getMessage()));
      trace("PROBLEM " + e.getMessage());
    } finally {
      end(shift, stop);
    }
    return nemesis.done();
  }

  private Client newClient() {
    SocketClient client = new SocketClient(target::address);
    clients.add(client);
    return client;
  }

  private void work(Crew crew, AtomicBoolean stop) {
    try {
      crew.shift(this::newClient, Integer.MAX_VALUE, stop::get);
    } catch (AssertionError e) {
      trace("PROBLEM " + e + ": " + e.getCause());
      problems.add("a client met what it should not: " + e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void end(@Nullable Thread shift, AtomicBoolean stop) {
    stop.set(true);
    if (shift != null) {
      try {
        shift.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void disturb(Nemesis nemesis, Recorder recorder) {
    long until = System.nanoTime() + options.time().toNanos();
    int count = 0;
    while (System.nanoTime() - until < 0 && (options.most() == 0 || count < options.most())) {
      nemesis.next();
      listener.recorded(recorder.size());
      count++;
    }
  }

  /** What counts is what is there after one more crash. */
  private void readAll(Crew crew) {
    trace("KILL before the final read");
    target.kill();
    target.start();
    try (Client client = newClient()) {
      crew.finalRead(client, FINAL_ATTEMPTS);
    }
    verify();
    target.stop();
  }

  private void verify() {
    try (Connection connection = Connection.to(target.address(), PATIENCE)) {
      connection.ask("verify");
    } catch (ServerException e) {
      problems.add("the store is not sound: " + e.getMessage());
    } catch (IOException e) {
      problems.add("the store could not be verified: " + e);
    }
  }

  private void trace(String what) {
    folder.trace(what);
    listener.event(what);
  }
}
