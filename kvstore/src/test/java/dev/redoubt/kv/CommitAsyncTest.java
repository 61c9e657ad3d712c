package dev.redoubt.kv;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.io.EngineHaltedException;
import dev.redoubt.io.Environment;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Commits whose durability is told later, and what a store says of itself. */
final class CommitAsyncTest {
  private static final TreeDef<String, Long> TREE = TreeDef.of("t", Codecs.UTF_8, Codecs.INT64);

  @TempDir Path dir;

  private static @Nullable Long get(Store store, String key) {
    return store.<@Nullable Long, RuntimeException>read(tx -> tx.tree(TREE).get(key));
  }

  /** Nothing is forced but by the test. */
  @Test
  void theStageCompletesWhenTheCommitIsDurableAndNotBefore() {
    try (Store store = Store.open(dir, IsolationFixture.INLINE)) {
      store.write(tx -> tx.tree(TREE).put("x", 1L));
      WriteTx tx = store.beginWrite();
      tx.tree(TREE).put("x", 2L);
      CompletableFuture<CommitInfo> stage = tx.commitAsync().toCompletableFuture();
      assertFalse(stage.isDone());
      assertEquals(1L, get(store, "x")); // a crash could still take it back
      WriteTx reader = store.beginWrite();
      assertEquals(2L, reader.tree(TREE).get("x"));
      CompletableFuture<CommitInfo> read = reader.commitAsync().toCompletableFuture();
      assertFalse(read.isDone()); // it has seen what is not durable yet
      store.engine().log().forceAll();
      assertTrue(stage.isDone());
      assertTrue(read.isDone());
      assertEquals(2L, get(store, "x"));
      CommitInfo info = stage.join();
      assertEquals(tx.id(), info.transactionId());
      assertTrue(store.engine().log().durableEndLsn() > info.commitLsn());
      assertEquals(0, read.join().commitLsn());
      assertThrows(ClosedException.class, tx::commit);
    }
  }

  /** What hangs on a stage does not hold up the log, nor the commits of others. */
  @Test
  void aSlowContinuationHoldsUpNobody() throws Exception {
    CountDownLatch finish = new CountDownLatch(1);
    CountDownLatch begun = new CountDownLatch(1);
    List<Long> told = new ArrayList<>();
    Store store = Store.open(dir);
    CompletableFuture<Void> slowDone = CompletableFuture.completedFuture(null);
    // A commit that is durable before anything hangs on it is told in this thread: try the next.
    while (slowDone.isDone()) {
      WriteTx slow = store.beginWrite();
      slow.tree(TREE).put("slow", 1L);
      Thread here = Thread.currentThread();
      slowDone =
          slow.commitAsync()
              .thenAccept(
                  info -> {
                    if (!Thread.currentThread().equals(here)) {
                      begun.countDown();
                      await(finish);
                    }
                  })
              .toCompletableFuture();
    }
    begun.await();
    for (long i = 0; i < 20; i++) {
      long value = i;
      store.write(tx -> tx.tree(TREE).put("sync", value));
      WriteTx tx = store.beginWrite();
      tx.tree(TREE).put("async", i);
      CompletableFuture<Void> noted =
          tx.commitAsync().thenAccept(info -> told.add(info.commitLsn())).toCompletableFuture();
      assertFalse(slowDone.isDone());
      assertNotNull(noted);
    }
    assertEquals(19L, get(store, "sync"));
    finish.countDown();
    store.close(); // tells everybody first
    assertTrue(slowDone.isDone());
    assertEquals(20, told.size());
    assertEquals(20, told.stream().distinct().count()); // two forces may be told in either order
    assertEquals(StoreHealth.State.CLOSED, store.health().state());
    try (Store again = Store.open(dir)) {
      assertEquals(19L, get(again, "async"));
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aConflictIsThrownAndNoStageGiven() {
    try (Store store = Store.open(dir, IsolationFixture.INLINE)) {
      store.write(tx -> tx.tree(TREE).put("x", 1L));
      WriteTx tx = store.beginWrite();
      assertEquals(1L, tx.tree(TREE).get("x"));
      tx.tree(TREE).put("y", 1L);
      store.write(other -> other.tree(TREE).put("x", 2L));
      assertThrows(ConflictException.class, tx::commitAsync);
      tx.close();
    }
  }

  @Test
  void afterAFailureStagesFailAndTheStoreSaysWhy() {
    Store store = Store.open(dir, IsolationFixture.INLINE);
    assertEquals(new StoreHealth(StoreHealth.State.OPEN, null), store.health());
    assertNull(store.health().cause());
    store.write(tx -> tx.tree(TREE).put("x", 1L));
    WriteTx tx = store.beginWrite();
    tx.tree(TREE).put("x", 2L);
    CompletableFuture<CommitInfo> stage = tx.commitAsync().toCompletableFuture();
    IOException why = new IOException("the disk is gone");
    assertNotNull(store.engine().log().gate().halt(why));
    assertEquals(new StoreHealth(StoreHealth.State.FAILED, why), store.health());
    store.close();
    CompletionException failure = assertThrows(CompletionException.class, stage::join);
    assertInstanceOf(EngineHaltedException.class, failure.getCause());
    assertEquals(new StoreHealth(StoreHealth.State.CLOSED, why), store.health());
  }

  /** Then whoever has forced the log tells; and the store can be closed. */
  @Test
  @Timeout(300)
  void aThreadThatCannotBeStartedLosesNoStage() {
    Environment noThreads =
        (Environment)
            Proxy.newProxyInstance(
                Environment.class.getClassLoader(),
                new Class<?>[] {Environment.class},
                (proxy, method, arguments) -> {
                  throw new OutOfMemoryError("unable to create native thread");
                });
    try (Store store = Store.open(dir, IsolationFixture.INLINE)) {
      CommitInfo info = store.beginWrite().commit();
      try (AsyncCommits commits = new AsyncCommits(store.engine().log(), noThreads, true)) {
        assertTrue(commits.whenDurable(0, info).toCompletableFuture().isDone());
      }
    }
  }
}
