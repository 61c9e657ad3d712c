package dev.redoubt.crash.store;

import dev.redoubt.crash.process.CommitLoop;
import dev.redoubt.io.StorageException;
import dev.redoubt.kv.Codecs;
import dev.redoubt.kv.Store;
import dev.redoubt.kv.TreeDef;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;

/**
 * A program whose heap is full again and again while it commits. Prints {@code writer number} for
 * each acknowledgement, as far as memory allows, {@code halted} if the store has, {@code stuck} for
 * a writer that does not end, and at its end {@code over} and how many errors its writers met.
 */
final class TightHeap {
  static final TreeDef<String, Long> TREE = TreeDef.of("tight", Codecs.UTF_8, Codecs.INT64);
  static final int WRITERS = 3;
  static final int ENTRIES = 3;

  private static final int SMALLEST = 1 << 10;
  private static final long HELD_NANOS = 20_000_000;
  private static final AtomicLongArray ERRORS = new AtomicLongArray(WRITERS);
  private static final CountDownLatch WARM = new CountDownLatch(600);
  private static volatile boolean over;
  private static volatile boolean halted;

  private TightHeap() {}

  /** Key of an entry of a transaction. */
  static String entry(int writer, long number, int index) {
    return String.format("%d/%08d.%d", writer, number, index);
  }

  /** Arguments: the folder, how many milliseconds; more until the heap was full for a writer. */
  public static void main(String[] arguments) throws Exception {
    Store store = Store.open(Path.of(arguments[0]), CommitLoop.options());
    List<Thread> writers = new ArrayList<>();
    for (int i = 0; i < WRITERS; i++) {
      int writer = i;
      writers.add(Thread.ofPlatform().daemon().start(() -> write(store, writer)));
    }
    WARM.await(); // until all classes are there: one that fails to begin never can again
    Thread.ofPlatform().daemon().start(TightHeap::hog);
    long began = System.nanoTime();
    long least = 1_000_000 * Long.parseLong(arguments[1]);
    long most = 20 * least;
    while (System.nanoTime() - began < (isMet() ? least : most)) {
      Thread.sleep(10);
    }
    over = true;
    for (Thread writer : writers) {
      writer.join(20_000);
      if (writer.isAlive()) {
        print("stuck " + List.of(writer.getStackTrace()));
      }
    }
    long all = 0;
    for (int i = 0; i < WRITERS; i++) {
      all += ERRORS.get(i);
    }
    print("over " + all);
    Runtime.getRuntime().halt(0);
  }

  /** Whether a writer has met an error, or was told of a halt. */
  private static boolean isMet() {
    for (int i = 0; i < WRITERS; i++) {
      if (ERRORS.get(i) > 0) {
        return true;
      }
    }
    return halted;
  }

  /** Takes all memory to the last kilobytes, holds it, lets go of it, and again. */
  private static void hog() {
    while (!over) {
      Deque<byte[]> taken = new ArrayDeque<>();
      for (int chunk = 1 << 20; chunk >= SMALLEST && !over; chunk /= 4) {
        try {
          while (!over) {
            taken.push(new byte[chunk]);
          }
        } catch (OutOfMemoryError full) {
          taken.poll(); // room to go on in
        }
      }
      LockSupport.parkNanos(HELD_NANOS);
      taken.clear();
      LockSupport.parkNanos(HELD_NANOS);
    }
  }

  private static void write(Store store, int writer) {
    for (long number = 1; !over; ) {
      long n = number;
      try {
        store.write(
            tx -> {
              for (int i = 0; i < ENTRIES; i++) {
                tx.tree(TREE).put(entry(writer, n, i), n);
              }
              tx.tree(TREE).put("counter " + writer, n);
            });
        number++;
        WARM.countDown();
        print(writer + " " + n);
      } catch (OutOfMemoryError | LinkageError full) {
        ERRORS.getAndIncrement(writer); // the same again: a second time changes nothing
      } catch (StorageException e) {
        TightHeap.halted = true;
        print("halted " + e.getMessage());
        return;
      }
    }
  }

  private static synchronized void print(String line) {
    try {
      OUT.write((line + "\n").getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      over = true;
    }
  }

  private static final FileOutputStream OUT = new FileOutputStream(FileDescriptor.out);
}
