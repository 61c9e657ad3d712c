package dev.redoubt.crash.harness;

import dev.redoubt.io.DiskFullException;
import dev.redoubt.kv.CommitInfo;
import dev.redoubt.kv.Durability;
import dev.redoubt.kv.Store;
import dev.redoubt.kv.TransactionOptions;
import dev.redoubt.kv.Tree;
import dev.redoubt.kv.WriteTx;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Transactions of a store that are handled with a {@link ServerPlant}. Proxies: whatever the
 * interface.
 */
final class PlantedTransactions implements Function<TransactionOptions, WriteTx> {
  private static final long SILENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(300);

  private final Store store;
  private final ServerPlant plant;

  PlantedTransactions(Store store, ServerPlant plant) {
    this.store = store;
    this.plant = plant;
  }

  @Override
  public WriteTx apply(TransactionOptions how) {
    return switch (plant) {
      case NONE, LOG_NOT_FORCED, NOT_LOCKED -> store.beginWrite(how);
      case ACKNOWLEDGED_EARLY -> store.beginWrite(how.withDurability(Durability.ASYNC));
      case SILENT_ROLLBACK -> proxy(WriteTx.class, new SilentRollback(store.beginWrite(how)));
      case COMMIT_OF_THE_LOST -> proxy(WriteTx.class, committing(store.beginWrite(how)));
      case FULL_DISK_IGNORED -> proxy(WriteTx.class, ignoring(store.beginWrite(how)));
    };
  }

  private static <T> T proxy(Class<T> type, InvocationHandler handler) {
    ClassLoader loader = PlantedTransactions.class.getClassLoader();
    return type.cast(Proxy.newProxyInstance(loader, new Class<?>[] {type}, handler));
  }

  private static @Nullable Object call(Object on, Method method, Object @Nullable [] arguments)
      throws Throwable {
    try {
      return method.invoke(on, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause() == null ? e : e.getCause();
    }
  }

  private static InvocationHandler committing(WriteTx tx) {
    return (_, method, arguments) ->
        method.getName().equals("close") ? tx.commit() : call(tx, method, arguments);
  }

  private static InvocationHandler ignoring(WriteTx tx) {
    return (_, method, arguments) -> {
      Object result = call(tx, method, arguments);
      return result instanceof Tree<?, ?> tree ? proxy(Tree.class, ignoring(tree)) : result;
    };
  }

  private static InvocationHandler ignoring(Tree<?, ?> tree) {
    return (_, method, arguments) -> {
      try {
        return call(tree, method, arguments);
      } catch (DiskFullException e) {
        if (method.getName().equals("put")) {
          return null;
        }
        // What compute would have put.
        return method.getName().equals("compute") ? "0" : call(tree, method, arguments);
      }
    };
  }

  /** Rolls back at the end what was silent on the way, and acknowledges its commit. */
  private static final class SilentRollback implements InvocationHandler {
    private final WriteTx tx;
    private long last = System.nanoTime();
    private boolean silent;
    private boolean rolledBack;

    SilentRollback(WriteTx tx) {
      this.tx = tx;
    }

    @Override
    public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] arguments)
        throws Throwable {
      long now = System.nanoTime();
      boolean commits = method.getName().equals("commit");
      silent |= now - last > SILENCE_NANOS;
      if (commits && silent && !rolledBack) {
        tx.rollback();
        rolledBack = true;
      }
      last = now;
      return rolledBack && commits ? new CommitInfo(tx.id(), 1) : call(tx, method, arguments);
    }
  }
}
