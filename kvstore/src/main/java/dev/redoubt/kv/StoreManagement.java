package dev.redoubt.kv;

import dev.redoubt.recovery.LogPin;
import java.lang.management.ManagementFactory;
import java.util.Objects;
import javax.management.InstanceNotFoundException;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.jspecify.annotations.Nullable;

/**
 * Shows a store to management tools, as {@code dev.redoubt:type=Store,name="…"} on the platform's
 * server. Optional; the store knows nothing of it. Thread-safe.
 */
public final class StoreManagement implements AutoCloseable {
  private final MBeanServer server;
  private final ObjectName name;

  private StoreManagement(MBeanServer server, ObjectName name) {
    this.server = server;
    this.name = name;
  }

  /**
   * Registers an open store until closed; close it before or after the store.
   *
   * @param name tells stores of one process apart, such as the directory
   * @throws IllegalStateException if a store is registered under that name
   */
  public static StoreManagement register(Store store, String name) {
    Objects.requireNonNull(store, "store");
    Objects.requireNonNull(name, "name");
    MBeanServer server = ManagementFactory.getPlatformMBeanServer();
    try {
      ObjectName full = new ObjectName("dev.redoubt:type=Store,name=" + ObjectName.quote(name));
      server.registerMBean(new Figures(store), full);
      return new StoreManagement(server, full);
    } catch (JMException e) {
      throw new IllegalStateException(
          "cannot register a store for management as '" + name + "': " + e.getMessage(), e);
    }
  }

  /** Name on the platform's server. */
  public ObjectName name() {
    return name;
  }

  /** Takes it off the server; harmless the second time. */
  @Override
  public void close() {
    try {
      server.unregisterMBean(name);
    } catch (InstanceNotFoundException gone) {
      // It has been taken off before.
    } catch (JMException e) {
      throw new IllegalStateException("cannot take " + name + " off the server", e);
    }
  }

  private record Figures(Store store) implements StoreMXBean {
    private @Nullable SnapshotHolder oldest() {
      return store.stats().versions().oldestSnapshot();
    }

    @Override
    public String getHealth() {
      return store.health().state().name();
    }

    @Override
    public String getFailure() {
      Throwable cause = store.health().cause();
      return cause == null ? "" : cause.toString();
    }

    @Override
    public int getActiveTransactions() {
      return store.stats().activeTransactions();
    }

    @Override
    public int getSnapshots() {
      return store.stats().versions().snapshots();
    }

    @Override
    public long getOldestSnapshotMillis() {
      SnapshotHolder holder = oldest();
      return holder == null ? 0 : holder.age().toMillis();
    }

    @Override
    public String getOldestSnapshotThread() {
      SnapshotHolder holder = oldest();
      return holder == null ? "" : holder.thread();
    }

    @Override
    public long getVersionBytes() {
      return store.stats().versions().keptBytes();
    }

    @Override
    public long getVersionBudgetBytes() {
      return store.stats().versions().budgetBytes();
    }

    @Override
    public long getSnapshotsGivenUp() {
      return store.stats().versions().snapshotsGivenUp();
    }

    @Override
    public long getAllocatedPages() {
      return store.stats().allocatedPages();
    }

    @Override
    public long getCapacityPages() {
      return store.stats().capacityPages();
    }

    @Override
    public int getPageBytes() {
      return store.stats().pageSize();
    }

    @Override
    public long getLogEndLsn() {
      store.checkOpen();
      return store.engine().log().endLsn();
    }

    @Override
    public long getRedoDistanceBytes() {
      return store.stats().redoDistanceBytes();
    }

    @Override
    public long getEstimatedRestartMillis() {
      return store.stats().restart().total().toMillis();
    }

    @Override
    public String[] getLogPins() {
      return store.stats().logPins().stream().map(LogPin::toString).toArray(String[]::new);
    }

    @Override
    public long checkpoint() {
      return store.checkpoint();
    }
  }
}
