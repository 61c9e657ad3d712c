package dev.redoubt.demo.show;

import dev.redoubt.demo.output.Progress;
import dev.redoubt.demo.show.Tally.Moment;
import dev.redoubt.demo.store.RestartScreen;
import dev.redoubt.kv.Store;
import dev.redoubt.kv.VerifyReport;
import dev.redoubt.recovery.RecoveryReport;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * Loads the cities in a child process, kills it with SIGKILL in the middle of traffic, opens the
 * store again and proves what came through; then once more, killing the restart as well; then
 * writes the rest and verifies everything. For one run, by one thread.
 */
public final class Demonstration {
  private static final double[] KILL_AT = {0.4, 0.75};
  private static final int COMMITS_SINCE_LARGE = 10;
  private static final long ROUND_MILLIS = 20_000;
  private static final long STEP_MILLIS = 100;

  private final Path directory;
  private final Path errors;
  private final Setting setting;
  private final Plan plan;
  private final Tally tally;
  private final Picture picture;

  /**
   * A demonstration.
   *
   * @param directory existing and empty; takes the store and the children's standard error
   */
  public Demonstration(Path directory, Setting setting, Picture picture) {
    this.directory = directory.resolve("store");
    this.errors = directory.resolve("child.err");
    this.setting = setting;
    this.plan = setting.plan();
    this.tally = new Tally(plan);
    this.picture = picture;
  }

  /** Runs it; what it finds wrong is in the summary, not thrown. */
  public Summary run() throws InterruptedException {
    long start = System.nanoTime();
    picture.opening(plan, setting, directory);
    List<Round> rounds = new ArrayList<>();
    for (int i = 0; i < KILL_AT.length; i++) {
      rounds.add(round(i + 1, KILL_AT[i], rounds));
    }
    finish(rounds.size() + 1);
    Proof complete;
    VerifyReport verify;
    try (Store store = open()) {
      complete = Proof.of(store, plan, tally.acknowledged());
      picture.complete(complete, store.lastRecovery());
      verify = verify(store);
    }
    int committing = (int) plan.transactions().stream().filter(t -> t.commits()).count();
    Duration time = Duration.ofNanos(System.nanoTime() - start);
    Summary summary = new Summary(plan.cities().size(), committing, rounds, complete, verify, time);
    picture.closing(summary);
    return summary;
  }

  private Round round(int number, double killAt, List<Round> before) throws InterruptedException {
    boolean killRestart = number == KILL_AT.length;
    picture.round(number, killRestart);
    long start = System.nanoTime();
    Moment killed = writeAndKill(killAt);
    Duration time = Duration.ofNanos(System.nanoTime() - start);
    picture.killed(killed, time);
    long undone = killRestart ? killRestart() : 0;
    Round round;
    try (Store store = open()) {
      RecoveryReport restart = store.lastRecovery();
      picture.restarted(restart);
      Proof proof = Proof.of(store, plan, tally.acknowledged());
      round =
          new Round(
              time,
              killed.acknowledged(),
              killed.acknowledgedEntries(),
              killed.rolledBack(),
              killed.inFlight(),
              killed.largeEntries(),
              killed.checkpoints(),
              undone,
              restart,
              proof);
    }
    picture.proved(round, before.isEmpty() ? 0 : before.getLast().proof().kept());
    return round;
  }

  /** Returns what had been announced when the child was dead. */
  private Moment writeAndKill(double killAt) throws InterruptedException {
    long target = (long) (killAt * plan.cities().size());
    int large = plan.transactions().getFirst().size();
    try (Child child = Child.start(writer(true), tally, errors)) {
      Moment moment =
          follow(
              m ->
                  m.acknowledgedEntries() >= target
                      && m.largeEntries() == large
                      && m.acknowledgedSinceLarge() >= COMMITS_SINCE_LARGE
                      && m.checkpoints() > 0);
      if (moment.ended() || moment.acknowledged() == 0) {
        throw failed("the writing process did not get far enough", child);
      }
      child.kill();
      return tally.now();
    }
  }

  /** Returns how many records its undo had undone when it was killed; 0 if it was too quick. */
  private long killRestart() throws InterruptedException {
    long half = plan.transactions().getFirst().size() / 2;
    List<String> arguments =
        List.of("demo-restart", directory.toString(), "--stop-after", Long.toString(half));
    try (Child child = Child.start(arguments, tally, errors)) {
      Moment moment = tally.await(m -> m.undone() > 0 || m.ended(), ROUND_MILLIS);
      if (moment.undone() == 0 && !moment.done()) {
        throw failed("the restarting process failed", child);
      }
      child.kill();
      picture.restartKilled(moment.undone());
      return moment.undone();
    }
  }

  private void finish(int number) throws InterruptedException {
    picture.lastRound(number);
    try (Child child = Child.start(writer(false), tally, errors)) {
      try (Progress bar = picture.writing()) {
        while (!tally.await(Moment::ended, STEP_MILLIS).ended()) {
          show(bar);
        }
      }
      if (child.awaitEnd() != 0) {
        throw failed("the writing process failed", child);
      }
    }
  }

  private List<String> writer(boolean holdLarge) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "demo-writer",
                directory.toString(),
                "--cities",
                Integer.toString(setting.cities()),
                "--threads",
                Integer.toString(setting.threads()),
                "--seed",
                Long.toString(setting.seed())));
    if (holdLarge) {
      arguments.add("--hold-large");
    }
    return arguments;
  }

  private Moment follow(Predicate<Moment> condition) throws InterruptedException {
    long start = System.nanoTime();
    try (Progress bar = picture.writing()) {
      Moment moment = tally.now();
      while (!condition.test(moment)
          && !moment.ended()
          && System.nanoTime() - start < ROUND_MILLIS * 1_000_000) {
        moment = tally.await(m -> condition.test(m) || m.ended(), STEP_MILLIS);
        show(bar);
      }
      return moment;
    }
  }

  private void show(Progress bar) {
    long entries = tally.now().acknowledgedEntries();
    bar.update((double) entries / plan.cities().size(), entries);
  }

  private Store open() {
    try (RestartScreen screen = picture.restarting()) {
      return DemoStore.open(directory, screen);
    }
  }

  private VerifyReport verify(Store store) {
    double pages = Math.max(1, store.stats().allocatedPages());
    VerifyReport report;
    try (Progress bar = picture.verifying()) {
      report = store.verify(done -> bar.update(done / pages, done));
    }
    picture.verified(report);
    return report;
  }

  private static IllegalStateException failed(String what, Child child) {
    return new IllegalStateException(what + ": " + child.errors());
  }
}
