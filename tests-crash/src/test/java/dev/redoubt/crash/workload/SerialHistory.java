package dev.redoubt.crash.workload;

import dev.redoubt.crash.history.History;
import dev.redoubt.crash.history.Operation;
import dev.redoubt.crash.history.Recorder;
import dev.redoubt.crash.history.Session;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Histories of clients that overlap on a store that runs one transaction at a time, in one thread:
 * a transaction takes effect at one moment between its invocation and its completion. Some are
 * rolled back, and of some nobody hears again.
 */
public final class SerialHistory {
  private enum State {
    IDLE,
    ASKED,
    DONE
  }

  private static final class Actor {
    final Session session;
    State state = State.IDLE;
    Step step;
    RecordedSteps recorded = new RecordedSteps();
    boolean rolledBack;

    Actor(Session session, Step first) {
      this.session = session;
      this.step = first;
    }
  }

  private final Workload workload;
  private final SplittableRandom random;
  private final MapClient client = new MapClient(new MapClient.Contents());
  private final Recorder recorder;
  private final List<Actor> actors = new ArrayList<>();
  private boolean failures = true;
  private long clock;

  public SerialHistory(Workload workload, long seed, int clients) {
    this.workload = workload;
    this.random = new SplittableRandom(seed);
    this.recorder = new Recorder(() -> clock++);
    ClientLoop own = new ClientLoop(recorder.session());
    workload.setup().forEach(step -> own.run(client, step));
    for (int i = 0; i < clients; i++) {
      actors.add(new Actor(recorder.session(), workload.next(random)));
    }
  }

  /** The same in which everything is acknowledged. */
  public SerialHistory withoutFailures() {
    failures = false;
    return this;
  }

  /** A history of about so many transactions, with the final read. */
  public History run(int transactions) {
    for (int i = 0; i < 3 * transactions; i++) {
      move(actors.get(random.nextInt(actors.size())));
    }
    for (Actor actor : actors) {
      while (actor.state != State.IDLE) {
        move(actor);
      }
    }
    Operation.Type end = new ClientLoop(recorder.session()).run(client, workload.finalRead());
    if (end != Operation.Type.OK) {
      throw new AssertionError(end);
    }
    return recorder.history();
  }

  private void move(Actor actor) {
    switch (actor.state) {
      case IDLE -> {
        actor.step = workload.next(random);
        actor.session.invoke(actor.step.f(), actor.step.planned());
        actor.state = State.ASKED;
      }
      case ASKED -> {
        take(actor);
        actor.state = State.DONE;
      }
      case DONE -> {
        int fate = failures ? random.nextInt(20) : 1;
        if (actor.rolledBack) {
          actor.session.fail(actor.recorded.done(), "conflict");
        } else if (fate == 0) {
          actor.session.info(actor.recorded.done(), "timeout");
        } else {
          actor.session.ok(actor.recorded.done());
        }
        actor.state = State.IDLE;
      }
    }
  }

  private void take(Actor actor) {
    actor.recorded = new RecordedSteps();
    actor.rolledBack = failures && random.nextInt(10) == 0;
    Client.Tx tx = client.begin(actor.step.readOnly());
    actor.recorded.attach(tx);
    actor.step.body().run(actor.recorded);
    if (actor.rolledBack) {
      tx.rollback();
    } else {
      tx.commit();
    }
  }
}
