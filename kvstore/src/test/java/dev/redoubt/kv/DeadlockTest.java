package dev.redoubt.kv;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/**
 * Deadlocks with several owners (store rule 11): who waits for many waits for each of them, not
 * only for the one that wakes it next. In every schedule the first owner stays open and idle, so
 * that a search along single edges finds nothing.
 */
final class DeadlockTest extends IsolationFixture {
  DeadlockTest(@TempDir Path path) {
    super(path);
  }

  private static WriteTransaction adding(WriteTx tx, long delta) {
    tx.tree(TREE).add("x", delta);
    return (WriteTransaction) tx;
  }

  /** Noticed as such, and not because the longest wait was over. */
  private static void assertDeadlock(Executable work) {
    ConflictException refused = assertThrows(ConflictException.class, work);
    assertTrue(String.valueOf(refused.getMessage()).contains("deadlock"), refused::getMessage);
  }

  private static void joined(CompletableFuture<Void> done) throws Throwable {
    try {
      done.join();
    } catch (CompletionException e) {
      throw e.getCause();
    }
  }

  /** Runs it in a thread of its own; at return it waits for {@code owner}. */
  private static CompletableFuture<Void> waiting(WriteTransaction owner, Runnable work) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    int before = Waiters.of(owner);
    Thread.ofPlatform()
        .start(
            () -> {
              try {
                work.run();
                done.complete(null);
              } catch (Throwable e) {
                done.completeExceptionally(e);
              }
            });
    while (Waiters.of(owner) == before && !done.isDone()) {
      Thread.onSpinWait();
    }
    assertFalse(done.isDone(), "it waits");
    return done;
  }

  @Test
  void aCycleThroughAnyOwnerOfACounterIsFoundAtOnce() {
    WriteTx alone = store.beginWrite();
    put(alone, "y", 5);
    WriteTransaction below = adding(store.beginWrite(), 1);
    WriteTransaction above = adding(store.beginWrite(), 10);
    // Newest increment first: it waits for the one above, which stays idle.
    CompletableFuture<Void> done =
        waiting(
            above,
            () -> {
              alone.tree(TREE).addAndGet("x", 100);
              alone.commit();
            });
    assertFalse(Waiters.isContended(below), "nobody waits for it directly");
    assertDeadlock(() -> put(below, "y", 6));
    below.close();
    above.commit();
    done.join();
    assertEquals(110, now("x"));
    assertEquals(5, now("y"));
  }

  /** The same seen from the other side: the one that waits for many comes last, and is youngest. */
  @Test
  void whoWaitsForManyLooksBehindAllOfThem() {
    WriteTransaction below = adding(store.beginWrite(), 1);
    WriteTransaction above = adding(store.beginWrite(), 10);
    WriteTransaction alone = (WriteTransaction) store.beginWrite();
    put(alone, "y", 5);
    CompletableFuture<Void> done =
        waiting(
            alone,
            () -> {
              put(below, "y", 6);
              below.commit();
            });
    assertDeadlock(() -> alone.tree(TREE).addAndGet("x", 100));
    alone.close();
    done.join();
    above.commit();
    assertEquals(11, now("x"));
    assertEquals(6, now("y"));
  }

  /** One wait may close a cycle through each of the owners; a victim is needed in every one. */
  @Test
  void everyCycleThatAWaitClosesIsResolved() {
    WriteTx oldest = store.beginWrite();
    put(oldest, "y", 5);
    put(oldest, "z", 5);
    WriteTransaction below = adding(store.beginWrite(), 1);
    WriteTransaction above = adding(store.beginWrite(), 10);
    CompletableFuture<Void> one = waiting((WriteTransaction) oldest, () -> put(below, "y", 6));
    CompletableFuture<Void> two = waiting((WriteTransaction) oldest, () -> put(above, "z", 6));
    CompletableFuture<Void> rest =
        CompletableFuture.allOf(one, two)
            .handle(
                (none, e) -> {
                  below.close();
                  above.close();
                  return null;
                });
    assertEquals(100, oldest.tree(TREE).addAndGet("x", 100));
    rest.join();
    assertDeadlock(() -> joined(one));
    assertDeadlock(() -> joined(two));
    oldest.commit();
    assertEquals(100, now("x"));
  }

  /**
   * An increment waits behind who wants the key alone, and so for those whom that one waits for.
   */
  @Test
  void anIncrementThatQueuesWaitsForTheOwnersToo() {
    WriteTransaction below = adding(store.beginWrite(), 1);
    WriteTransaction above = adding(store.beginWrite(), 10);
    WriteTx alone = store.beginWrite();
    WriteTx queued = store.beginWrite();
    put(queued, "y", 5);
    CompletableFuture<Void> first =
        waiting(
            above,
            () -> {
              alone.tree(TREE).addAndGet("x", 100);
              alone.commit();
            });
    CompletableFuture<Void> second =
        waiting((WriteTransaction) alone, () -> queued.tree(TREE).add("x", 1000));
    CompletableFuture<Void> third =
        CompletableFuture.runAsync(
            () -> {
              put(below, "y", 6); // the youngest in the cycle is the one that queues
              below.commit();
            });
    assertDeadlock(() -> joined(second));
    queued.close();
    third.join();
    above.commit();
    first.join();
    assertEquals(111, now("x"));
    assertEquals(6, now("y"));
  }

  /** Who drops a tree waits for everyone who uses it. */
  @Test
  void aDropWaitsForEveryUserOfTheTree() {
    TreeDef<String, Long> other = TreeDef.of("other", Codecs.UTF_8, Codecs.INT64);
    store.write(tx -> tx.tree(other).put("k", 0L));
    WriteTx drops = store.beginWrite();
    put(drops, "y", 5);
    WriteTx one = store.beginWrite();
    WriteTx two = store.beginWrite();
    one.tree(other).put("a", 1L);
    two.tree(other).put("b", 2L);
    CompletableFuture<Void> done = new CompletableFuture<>();
    Thread.ofPlatform()
        .start(
            () -> {
              drops.dropTree("other");
              drops.commit();
              done.complete(null);
            });
    WriteTransaction dropper = (WriteTransaction) drops;
    while (Waiters.waitedForBy(dropper) == null) {
      Thread.onSpinWait();
    }
    boolean first = one.equals(Waiters.waitedForBy(dropper));
    WriteTx idle = first ? one : two;
    WriteTx closes = first ? two : one;
    assertDeadlock(() -> put(closes, "y", 6));
    closes.close();
    idle.close();
    done.join();
    assertEquals(5, now("y"));
  }
}
