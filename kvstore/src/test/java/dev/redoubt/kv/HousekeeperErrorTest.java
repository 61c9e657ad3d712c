package dev.redoubt.kv;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.io.Disk;
import dev.redoubt.io.DiskFile;
import dev.redoubt.io.Environment;
import dev.redoubt.io.RealDisk;
import dev.redoubt.recovery.RecoveryListener;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Errors of the JVM in the thread that clears up: a full heap passes, a bug halts the store. */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class HousekeeperErrorTest {
  private static final TreeDef<Long, byte[]> FIRST =
      TreeDef.of("first", Codecs.INT64, Codecs.BYTES);
  private static final TreeDef<Long, byte[]> SECOND =
      TreeDef.of("second", Codecs.INT64, Codecs.BYTES);

  /** More than the pool holds, so that freeing a tree reads from the disk. */
  private static final int ENTRIES = 6000;

  @TempDir Path dir;

  private final AtomicInteger toThrow = new AtomicInteger();
  private final AtomicInteger thrown = new AtomicInteger();

  private Store open(Supplier<Error> error) {
    StoreOptions options =
        StoreOptions.defaults()
            .withEngine(StoreOptions.defaults().engine().withPageSize(4096).withFrames(64));
    Disk disk =
        watched(
            Disk.class,
            RealDisk.create(dir),
            (method, result) ->
                result instanceof DiskFile file
                    ? watched(DiskFile.class, file, (call, read) -> read, error)
                    : result,
            error);
    return Store.open(disk, Environment.system(), options, RecoveryListener.NONE);
  }

  /** Passes a call's result on. */
  private interface Then {
    @Nullable Object apply(Method method, @Nullable Object result);
  }

  private <T> T watched(Class<T> type, T target, Then then, Supplier<Error> error) {
    InvocationHandler handler =
        (proxy, method, arguments) -> {
          if (method.getName().equals("read")
              && Thread.currentThread().getName().equals("redoubt-housekeeper")
              && toThrow.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
            thrown.incrementAndGet();
            throw error.get();
          }
          try {
            return then.apply(method, method.invoke(target, arguments));
          } catch (InvocationTargetException e) {
            throw e.getCause();
          }
        };
    return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
  }

  private static void fill(Store store, TreeDef<Long, byte[]> tree) {
    store.write(
        tx -> {
          for (long i = 0; i < ENTRIES; i++) {
            tx.tree(tree).put(i, new byte[100]);
          }
        });
  }

  @Test
  void aFullHeapIsSurvivedAndWhatWasLeftIsFreedByTheNextOpening() {
    long before;
    long left;
    try (Store store = open(() -> new OutOfMemoryError("for a test"))) {
      before = store.stats().allocatedPages();
      fill(store, FIRST);
      fill(store, SECOND);
      left = store.stats().allocatedPages();
      toThrow.set(1);
      store.write(tx -> assertTrue(tx.dropTree("first")));
      while (thrown.get() == 0) {
        Thread.onSpinWait();
      }
      store.write(tx -> assertTrue(tx.dropTree("second")));
      while (store.stats().allocatedPages() > (before + left) / 2 + 20) {
        assertEquals(StoreHealth.State.OPEN, store.health().state());
        Thread.onSpinWait();
      }
    }
    try (Store store = open(AssertionError::new)) {
      store.engine().restart().await();
      while (store.stats().allocatedPages() > before + 2) {
        Thread.onSpinWait();
      }
      assertEquals(List.of(), store.verify(pages -> {}).problems());
    }
  }

  @Test
  void aBugHaltsTheStore() {
    try (Store store = open(() -> new AssertionError("for a test"))) {
      fill(store, FIRST);
      toThrow.set(1);
      store.write(tx -> assertTrue(tx.dropTree("first")));
      while (store.health().state() == StoreHealth.State.OPEN) {
        Thread.onSpinWait();
      }
      assertTrue(String.valueOf(store.health().cause()).contains("for a test"));
    }
  }
}
