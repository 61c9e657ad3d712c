package dev.redoubt.crash.workload;

import dev.redoubt.crash.history.Operation;
import dev.redoubt.crash.history.Recorder;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadFactory;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Several clients, a thread each, that run one workload and record one history; in shifts, between
 * which the store may have been crashed and opened again. Confined to one thread, which waits for
 * the others.
 */
public final class Crew {
  private record Member(ClientLoop loop, SplittableRandom random) {}

  private final Workload workload;
  private final ThreadFactory threads;
  private final ClientLoop ownLoop;
  private final List<Member> members = new ArrayList<>();
  private final Queue<Throwable> wrong = new ConcurrentLinkedQueue<>();

  /**
   * Takes on {@code size} clients.
   *
   * @param threads makes the threads they run in
   */
  public Crew(Workload workload, Recorder recorder, int size, long seed, ThreadFactory threads) {
    this.workload = workload;
    this.threads = threads;
    this.ownLoop = new ClientLoop(recorder.session());
    SplittableRandom seeds = new SplittableRandom(seed);
    for (int i = 0; i < size; i++) {
      members.add(new Member(new ClientLoop(recorder.session()), seeds.split()));
    }
  }

  /**
   * Does what the workload needs to begin with, in the caller's thread.
   *
   * @throws IllegalStateException if a step of it was not acknowledged
   */
  public void setUp(Client client) {
    for (Step step : workload.setup()) {
      if (ownLoop.run(client, step) != Operation.Type.OK) {
        throw new IllegalStateException("the setup of " + workload.name() + " did not commit");
      }
    }
  }

  /**
   * Lets each client run {@code steps} transactions, fewer if {@code stop} says so, and waits for
   * all. Clients are made by their threads and closed by them.
   *
   * @throws AssertionError if a client threw an error, which is its cause
   */
  public void shift(Supplier<Client> clients, int steps, BooleanSupplier stop)
      throws InterruptedException {
    List<Thread> running = new ArrayList<>();
    for (Member member : members) {
      Thread thread = threads.newThread(() -> work(member, clients, steps, stop));
      running.add(thread);
      thread.start();
    }
    for (Thread thread : running) {
      thread.join();
    }
    Throwable first = wrong.peek();
    if (first != null) {
      throw new AssertionError("a client met what it should not", first);
    }
  }

  private void work(Member member, Supplier<Client> clients, int steps, BooleanSupplier stop) {
    try (Client client = clients.get()) {
      for (int i = 0; i < steps && !stop.getAsBoolean(); i++) {
        member.loop().run(client, workload.next(member.random()));
      }
    } catch (RuntimeException | Error e) {
      wrong.add(e);
    }
  }

  /**
   * Reads every key, in the caller's thread.
   *
   * @param attempts how often it may fail before
   * @throws IllegalStateException if it was not answered
   */
  public void finalRead(Client client, int attempts) {
    Operation.@Nullable Type last = null;
    for (int i = 0; i < attempts; i++) {
      last = ownLoop.run(client, workload.finalRead());
      if (last == Operation.Type.OK) {
        return;
      }
    }
    throw new IllegalStateException("the final read was not answered: " + last);
  }
}
