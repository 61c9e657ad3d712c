package dev.redoubt.crash.store;

import dev.redoubt.crash.disk.CrashChoice;
import dev.redoubt.crash.disk.SimDisk;
import dev.redoubt.crash.disk.SimEnvironment;
import dev.redoubt.crash.work.Contents;
import dev.redoubt.crash.work.StoreSubject;
import dev.redoubt.crash.work.Subject;
import dev.redoubt.io.EngineHaltedException;
import dev.redoubt.io.StorageException;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A program that commits and rolls back at the very end of its stack: with no room at all, with
 * room for one frame, for two, until there is enough. So a real StackOverflowError ends one method
 * of the engine after the other. Whatever it does to the store, after a crash each transaction is
 * wholly there or wholly gone, and there if it was acknowledged. One that was left with a lock
 * taken stands still; it is given up, as a process would be killed. Prints a line for each kind of
 * end, and {@code over}.
 */
final class DeepStack {
  /** The store's thread has more. */
  private static final long STACK_BYTES = 256 << 10;

  /** Successes in a row after which there is room enough. */
  private static final int ENOUGH = 10;

  private static final long PATIENCE_MILLIS = 5_000;

  private int overflows;
  private int halted;
  private int stuck;
  private int room;

  private DeepStack() {}

  /** Argument: by how many frames the room grows. */
  public static void main(String[] arguments) throws InterruptedException {
    int stride = Integer.parseInt(arguments[0]);
    for (End end : End.values()) {
      // What is used for the first time would be loaded with no stack to load it in.
      new DeepStack().at(end, Integer.MAX_VALUE);
      DeepStack warm = new DeepStack();
      for (int room = 1; room < 2_000; room += 97) {
        warm.at(end, room);
      }
    }
    for (End end : End.values()) {
      DeepStack all = new DeepStack();
      int well = 0;
      for (all.room = 1; well < ENOUGH; all.room += stride) {
        well = all.at(end, all.room) ? well + 1 : 0;
      }
      System.out.printf(
          "%s: room for up to %d frames, %d overflows, halted by %d, standing still after %d%n",
          end, all.room, all.overflows, all.halted, all.stuck);
    }
    System.out.println("over");
  }

  private enum End {
    COMMIT,
    ROLLBACK,
    SAVEPOINT
  }

  private static SortedMap<Integer, String> some(String value, int from, int to) {
    SortedMap<Integer, String> entries = new TreeMap<>();
    for (int key = from; key < to; key++) {
      entries.put(key, value + "x".repeat(key % 5 == 1 ? 6000 : 200));
    }
    return entries;
  }

  private static void put(Subject.Tx tx, SortedMap<Integer, String> entries) {
    entries.forEach(tx::put);
  }

  /**
   * Runs {@code body} with room for so many frames more; true if that was enough. If not, {@code
   * otherwise} is run by the same thread, further up, as a program would.
   */
  private boolean squeezed(int room, Runnable body, Runnable otherwise) {
    boolean[] well = {true};
    boolean ended =
        run(
            STACK_BYTES,
            () -> {
              int deepest = fathom(); // of this thread: the machine may give it more than was asked
              try {
                dive(Math.max(0, deepest - room), body);
              } catch (StackOverflowError | StorageException end) {
                well[0] = false;
                otherwise.run();
              }
            });
    return ended && well[0];
  }

  /** Runs it in a thread of its own; false if that does not end. */
  private boolean run(long stackBytes, Runnable body) {
    Throwable[] met = {null};
    Runnable watched =
        () -> {
          try {
            body.run();
          } catch (Throwable t) {
            met[0] = t;
          }
        };
    Thread thread = new Thread(null, watched, "deep", stackBytes);
    thread.setDaemon(true);
    thread.start();
    try {
      thread.join(PATIENCE_MILLIS);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    if (thread.isAlive()) {
      stuck++;
      return false;
    }
    if (met[0] != null) {
      throw new AssertionError("ended with neither an overflow nor a halt", met[0]);
    }
    return true;
  }

  /** How deep it goes. */
  private static int fathom() {
    depth = 0;
    try {
      dive(Integer.MAX_VALUE, () -> {});
    } catch (StackOverflowError end) {
      return depth;
    }
    throw new AssertionError("no end");
  }

  private static int depth;

  private static void dive(int frames, Runnable body) {
    if (frames == 0) {
      body.run();
    } else {
      depth++;
      dive(frames - 1, body);
    }
  }

  /** Whether the end of the transaction did not overflow. */
  private boolean at(End end, int frames) {
    int stoodBefore = stuck;
    SimDisk disk = SimDisk.create();
    StoreSubject subject =
        StoreSubject.open(disk, SimEnvironment.withoutThreads(1), StoreSubject.tiny());
    Subject.Tx first = subject.begin();
    SortedMap<Integer, String> old = some("old", 0, 20);
    put(first, old);
    first.commit(true);
    Contents before = new Contents(old);
    Subject.Tx tx = subject.begin();
    Object savepoint = tx.savepoint();
    SortedMap<Integer, String> changed = some("new", 5, 30);
    put(tx, changed);
    boolean well =
        squeezed(
            frames,
            switch (end) {
              case COMMIT -> () -> tx.commit(true);
              case ROLLBACK -> tx::rollback;
              case SAVEPOINT -> () -> tx.rollbackTo(savepoint);
            },
            () -> rollBack(tx));
    overflows += well ? 0 : 1;
    List<Contents> possible = new ArrayList<>();
    if (end != End.COMMIT || !well) {
      possible.add(before);
    }
    if (end == End.COMMIT) {
      SortedMap<Integer, String> after = new TreeMap<>(old);
      after.putAll(changed);
      possible.add(new Contents(after));
    }
    if (well && end == End.SAVEPOINT) {
      tx.rollback();
    }
    boolean stands = stuck > stoodBefore;
    if (!stands && !run(0, () -> goOn(subject, possible))) {
      stands = true;
      new ArrayList<>(possible).forEach(each -> possible.add(withMore(each)));
    }
    boolean death = frames % 2 == 0;
    List<SimDisk> left = new ArrayList<>();
    if (!run(0, () -> left.add(disk.crash(death ? CrashChoice.death() : CrashChoice.none())))) {
      return well; // the lock left taken was one of the simulated disk
    }
    if (!stands) {
      subject.abandon();
    }
    StoreSubject again =
        StoreSubject.open(left.getFirst(), SimEnvironment.withoutThreads(2), StoreSubject.tiny());
    if (!possible.contains(again.contents())) {
      throw new AssertionError(
          end + " with room for " + frames + " frames left " + again.contents());
    }
    again.verify();
    again.close();
    return well;
  }

  private void rollBack(Subject.Tx tx) {
    try {
      tx.rollback();
    } catch (StorageException told) {
      // It has committed, has been rolled back, or the store has halted: the next one is told.
    } catch (IllegalStateException inUse) {
      stuck++; // it counts as used for ever
    }
  }

  /** The next transaction, of another thread, goes through unless the store has halted. */
  private void goOn(StoreSubject subject, List<Contents> possible) {
    try {
      Subject.Tx next = subject.begin();
      next.put(99, "more");
      next.commit(true);
      possible.replaceAll(DeepStack::withMore);
    } catch (EngineHaltedException told) {
      halted++;
    }
  }

  private static Contents withMore(Contents each) {
    SortedMap<Integer, String> entries = new TreeMap<>(each.entries());
    entries.put(99, "more");
    return new Contents(entries);
  }
}
