package dev.redoubt.crash.harness;

import dev.redoubt.crash.history.Recorder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/**
 * Disturbs a server by a schedule that a seed decides: what comes, and how much passes before and
 * within. Each kind comes once before any comes twice. Confined to one thread.
 */
final class Nemesis {
  private static final int WORK_LEAST_LINES = 30;
  private static final int WORK_MOST_LINES = 400;
  private static final long WORK_MOST_NANOS = Duration.ofSeconds(4).toNanos();
  private static final int FREEZE_MILLIS = 1800; // longer than a client waits

  private final Target target;
  private final Runnable dropClients;
  private final Recorder recorder;
  private final Consumer<String> trace;
  private final SplittableRandom random;
  private final Set<Disturbance> kinds;
  private final List<Disturbance> turn = new ArrayList<>();
  private final Map<Disturbance, Integer> done = new EnumMap<>(Disturbance.class);

  Nemesis(
      Target target,
      Set<Disturbance> kinds,
      long seed,
      Runnable dropClients,
      Recorder recorder,
      Consumer<String> trace) {
    this.target = target;
    this.kinds = EnumSet.copyOf(kinds);
    this.random = new SplittableRandom(seed);
    this.dropClients = dropClients;
    this.recorder = recorder;
    this.trace = trace;
  }

  /** How often each was done. */
  Map<Disturbance, Integer> done() {
    return Map.copyOf(done);
  }

  /** Lets clients work for a while, then disturbs; at return the server runs undisturbed. */
  void next() {
    if (turn.isEmpty()) {
      List<Disturbance> all = new ArrayList<>(kinds);
      while (!all.isEmpty()) {
        turn.add(all.remove(random.nextInt(all.size())));
      }
    }
    work();
    checkAlive();
    Disturbance kind = turn.removeFirst();
    trace.accept(kind.name());
    done.merge(kind, 1, Integer::sum);
    disturb(kind);
  }

  /** Until some lines of history more are there: on a busy machine that takes longer. */
  private void work() {
    int wanted = recorder.size() + random.nextInt(WORK_LEAST_LINES, WORK_MOST_LINES);
    try {
      recorder.awaitSize(wanted, WORK_MOST_NANOS);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private static void sleep(int millis) {
    try {
      Thread.sleep(Duration.ofMillis(millis));
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private static IllegalStateException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new IllegalStateException("interrupted between disturbances", e);
  }

  private void checkAlive() {
    if (!target.isRunning()) {
      throw new ServerFailure("the server ended by itself" + ServerLog.tail(target.log()));
    }
  }

  private void disturb(Disturbance kind) {
    switch (kind) {
      case KILL -> {
        target.kill();
        target.start();
      }
      case KILL_IN_RESTART -> killInRestart();
      case PAUSE -> {
        target.pause();
        sleep(random.nextInt(300, FREEZE_MILLIS));
        target.resume();
      }
      case CLIENTS_LOST -> {
        for (int i = 0; i < 5; i++) {
          dropClients.run();
          sleep(random.nextInt(5, 50));
        }
      }
      case SECOND_SERVER -> secondServer();
      case DISK_FULL -> {
        target.volume().fill();
        work();
        target.volume().free();
      }
      case KILL_ON_FULL_DISK -> killOnFullDisk();
      case POWER_CUT -> {
        target.kill();
        target.volume().cutPower();
        target.start();
      }
      case NETWORK_CUT -> {
        target.cutNetwork();
        sleep(random.nextInt(300, FREEZE_MILLIS));
        target.healNetwork();
      }
      case OUT_OF_MEMORY -> {
        target.exhaustMemory();
        target.start();
      }
    }
  }

  private void killInRestart() {
    target.kill();
    target.launch();
    sleep(random.nextInt(600));
    target.kill();
    target.start();
  }

  private void secondServer() {
    int code = target.startSecond();
    if (code != StoreServer.REFUSED) {
      throw new ServerFailure(
          "a second server on the folder was not refused: exit code " + code + " (0: it listened)");
    }
  }

  /** A restart on a full disk may be refused, and loses nothing by that. */
  private void killOnFullDisk() {
    target.volume().fill();
    work();
    target.kill();
    target.launch();
    boolean up;
    try {
      target.awaitReady();
      up = true;
      work();
    } catch (ServerFailure e) {
      trace.accept("refused to start on a full disk");
      up = false;
    }
    target.volume().free();
    if (!up) {
      target.start();
    }
  }
}
