package dev.redoubt.demo.load;

import dev.redoubt.demo.output.InputException;
import dev.redoubt.kv.Store;
import dev.redoubt.kv.TooLargeException;
import dev.redoubt.kv.Tree;
import dev.redoubt.kv.TreeDef;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Loads lines of the form key, tab, value (UTF-8; all after the first tab is the value). Lines that
 * start with {@code #} and empty lines are passed over. The calling thread reads; each batch is one
 * transaction, committed by one of {@link LoadOptions#threads} threads. Where two lines have the
 * same key the later one wins with one thread; with several, either may.
 *
 * <p>For one load, by one thread.
 */
public final class Loader {
  private static final int MAX_LINE_BYTES = 256 << 20;

  private final Store store;
  private final LoadOptions options;
  private final TreeDef<String, String> tree;
  private final Watermark watermark;
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  private long ignored;
  private long skipped;
  private long nextSequence;

  public Loader(Store store, LoadOptions options, LoadListener listener) {
    this.store = store;
    this.options = options;
    this.tree = options.tree();
    this.watermark = new Watermark(listener);
  }

  /**
   * Loads everything that {@code in} gives; at return all of it is durable. Does not close it.
   *
   * @throws LoadException if a line is bad, the input cannot be read or the store fails; whole
   *     batches that were committed before stay
   */
  public LoadResult load(InputStream in) {
    long start = System.nanoTime();
    LineReader reader = new LineReader(in, MAX_LINE_BYTES);
    // Two batches a thread: one being committed, one waiting.
    Semaphore places = new Semaphore(2 * options.threads());
    try (ExecutorService threads = Executors.newFixedThreadPool(options.threads())) {
      readAll(reader, batch -> submit(batch, threads, places));
    } catch (RuntimeException e) {
      failure.compareAndSet(null, e);
    }
    switch (failure.get()) {
      case null -> {}
      case RuntimeException why -> throw new LoadException(watermark.lines(), why);
      case Throwable why -> throw new LinkageError("a thread of the load died", why);
    }
    return new LoadResult(
        reader.number(),
        watermark.entries(),
        ignored,
        skipped + watermark.skipped(),
        watermark.transactions(),
        Duration.ofNanos(System.nanoTime() - start));
  }

  private interface BatchSink {
    void take(Batch batch);
  }

  private void readAll(LineReader reader, BatchSink sink) {
    Batch batch = new Batch(nextSequence++);
    while (failure.get() == null && nextLine(reader)) {
      batch.read(reader.number());
      Batch.@Nullable Line line = parse(reader);
      if (line != null) {
        batch.add(line);
        if (batch.isFull(options.batch())) {
          sink.take(batch);
          batch = new Batch(nextSequence++);
        }
      }
    }
    if (!batch.isEmpty()) {
      sink.take(batch);
    }
  }

  private static boolean nextLine(LineReader reader) {
    try {
      return reader.next();
    } catch (IOException e) {
      throw new InputException(
          "unreadable-input",
          "the input cannot be read past line " + reader.number() + ": " + e.getMessage());
    }
  }

  private Batch.@Nullable Line parse(LineReader reader) {
    try {
      String text = reader.text();
      if (text.isEmpty() || text.charAt(0) == '#') {
        ignored++;
        return null;
      }
      int tab = text.indexOf('\t');
      if (tab < (options.hex() ? 0 : 1)) {
        throw new InputException("bad-line", tab < 0 ? "no tab after the key" : "the key is empty");
      }
      String key = text.substring(0, tab);
      String value = text.substring(tab + 1);
      if (options.hex()) {
        tree.keys().encode(key); // a bad one is met here and not in the midst of its batch
        tree.values().encode(value);
      }
      return new Batch.Line(reader.number(), key, value);
    } catch (InputException e) {
      if (options.skipBad()) {
        skipped++;
        return null;
      }
      throw badLine(reader.number(), e.getMessage());
    }
  }

  private static InputException badLine(long number, @Nullable String reason) {
    return new InputException("bad-line", "line " + number + ": " + reason);
  }

  private void submit(Batch batch, ExecutorService threads, Semaphore places) {
    places.acquireUninterruptibly();
    threads.execute(
        () -> {
          try {
            // After a failure the batches that wait are dropped.
            if (failure.get() == null) {
              commit(batch);
            }
          } catch (Throwable e) {
            // Errors too: a batch that is lost silently would be the worst of all outcomes.
            failure.compareAndSet(null, e);
          } finally {
            places.release();
          }
        });
  }

  private void commit(Batch batch) {
    int skippedLines =
        store.writeAndGet(
            tx -> {
              Tree<String, String> entries = tx.tree(tree);
              int tooLarge = 0;
              for (Batch.Line line : batch.lines()) {
                tooLarge += put(entries, line) ? 0 : 1;
              }
              return tooLarge;
            });
    watermark.finished(batch, skippedLines);
  }

  private boolean put(Tree<String, String> entries, Batch.Line line) {
    try {
      entries.put(line.key(), line.value());
      return true;
    } catch (TooLargeException e) {
      if (options.skipBad()) {
        return false;
      }
      throw badLine(line.number(), e.getMessage());
    }
  }
}
