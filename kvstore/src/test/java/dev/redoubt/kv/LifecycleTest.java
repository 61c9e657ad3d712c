package dev.redoubt.kv;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;

/** Who may come in to a transaction, and who is told what. */
final class LifecycleTest {
  private final Lifecycle lifecycle = new Lifecycle(1, false);

  @Test
  void anotherUserIsRefused() {
    lifecycle.enterToEnd();
    ExecutionException e =
        assertThrows(
            ExecutionException.class,
            () -> CompletableFuture.runAsync(lifecycle::enterToEnd).get());
    assertInstanceOf(IllegalStateException.class, e.getCause());
  }

  /** At the cap of the log: it is the engine that is inside, and no other user of the caller's. */
  @Test
  void aUserWhoFindsTheEngineInsideWaitsForIt() throws Exception {
    assertTrue(lifecycle.enterIfNobodyIs());
    assertUserWaits();
  }

  @Test
  void aUserWhoFindsTheClosingStoreInsideWaitsForIt() throws Exception {
    lifecycle.awaitToEnd();
    assertUserWaits();
  }

  private void assertUserWaits() throws Exception {
    CompletableFuture<Boolean> user = new CompletableFuture<>();
    Thread thread =
        Thread.ofPlatform()
            .start(
                () -> {
                  try {
                    lifecycle.enterToEnd();
                    user.complete(lifecycle.hasEnded());
                  } catch (RuntimeException e) {
                    user.completeExceptionally(e);
                  }
                });
    while (thread.getState() != Thread.State.WAITING && !user.isDone()) {
      Thread.onSpinWait();
    }
    assertFalse(user.isDone());
    lifecycle.ended();
    lifecycle.leave();
    assertTrue(user.get());
  }
}
