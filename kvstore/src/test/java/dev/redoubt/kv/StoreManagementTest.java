package dev.redoubt.kv;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.RuntimeMBeanException;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What people and tools see of a store that runs. */
final class StoreManagementTest {
  private static final TreeDef<String, Long> TREE = TreeDef.of("t", Codecs.UTF_8, Codecs.INT64);

  @TempDir Path dir;

  @Test
  void managementToolsSeeTheStoreUntilItIsTakenOff() throws JMException {
    MBeanServer server = ManagementFactory.getPlatformMBeanServer();
    Store store = Store.open(dir.resolve("a"), IsolationFixture.INLINE);
    StoreManagement bean = StoreManagement.register(store, "a, with: odd \"signs\"");
    store.write(tx -> tx.tree(TREE).put("x", 1L));
    ReadTx old = store.beginRead();
    store.write(tx -> tx.tree(TREE).put("x", 2L));
    assertEquals("OPEN", server.getAttribute(bean.name(), "Health"));
    assertEquals(1, server.getAttribute(bean.name(), "Snapshots"));
    assertTrue((long) server.getAttribute(bean.name(), "VersionBytes") > 0);
    assertEquals(
        Thread.currentThread().toString(),
        server.getAttribute(bean.name(), "OldestSnapshotThread"));
    long before = (long) server.getAttribute(bean.name(), "LogEndLsn");
    long begin =
        (long)
            Objects.requireNonNull(
                server.invoke(bean.name(), "checkpoint", new Object[0], new String[0]));
    assertTrue(begin >= before);
    for (var each : server.getMBeanInfo(bean.name()).getAttributes()) {
      assertNotNull(server.getAttribute(bean.name(), each.getName()), each.getName());
    }
    assertThrows(
        IllegalStateException.class,
        () -> StoreManagement.register(store, "a, with: odd \"signs\""));
    old.close();
    store.close();
    assertEquals("CLOSED", server.getAttribute(bean.name(), "Health"));
    assertThrows(JMException.class, () -> throwing(server, bean));
    bean.close();
    bean.close();
    assertEquals(false, server.isRegistered(bean.name()));
  }

  private static void throwing(MBeanServer server, StoreManagement bean) throws JMException {
    try {
      assertNull(server.getAttribute(bean.name(), "Snapshots"));
    } catch (RuntimeMBeanException e) {
      throw new JMException(String.valueOf(e.getMessage()));
    }
  }

  @Test
  void snapshotsThatHaveBeenGivenUpAreCounted() throws JMException {
    MBeanServer server = ManagementFactory.getPlatformMBeanServer();
    StoreOptions small = IsolationFixture.INLINE.withVersionBudgetBytes(1 << 16);
    try (Store store = Store.open(dir.resolve("c"), small);
        StoreManagement bean = StoreManagement.register(store, "c")) {
      store.write(tx -> tx.tree(TREE).put("x", 0L));
      assertEquals(0L, server.getAttribute(bean.name(), "SnapshotsGivenUp"));
      ReadTx old = store.beginRead();
      for (int i = 0; i < 1500; i++) {
        long value = i;
        store.write(tx -> tx.tree(TREE).put("x" + value % 750, value));
      }
      assertThrows(SnapshotTooOldException.class, () -> old.tree(TREE).get("x"));
      assertEquals(1L, server.getAttribute(bean.name(), "SnapshotsGivenUp"));
      old.close();
    }
  }

  /** The cost of an old snapshot, by whom and since when, and that nobody waits for it. */
  @Test
  void whoHoldsAnOldSnapshotIsShownWithWhatItCosts() {
    StoreOptions small =
        IsolationFixture.INLINE.withEngine(
            IsolationFixture.INLINE
                .engine()
                .withLog(IsolationFixture.INLINE.engine().log().withSegmentBytes(1 << 20)));
    try (Store store = Store.open(dir.resolve("b"), small)) {
      store.write(tx -> tx.tree(TREE).put("x", 1L));
      assertNull(store.stats().versions().oldestSnapshot());
      ReadTx old = store.beginRead();
      WriteTx younger = store.beginWrite();
      assertEquals(1L, younger.tree(TREE).get("x"));
      long start = store.engine().log().startLsn();
      for (int i = 0; i < 15_000; i++) {
        long value = i;
        store.write(
            store.options().transaction().withDurability(Durability.ASYNC),
            tx -> tx.tree(TREE).put("k" + value % 500, value));
      }
      store.engine().log().forceAll();
      VersionStats stats = store.stats().versions();
      SnapshotHolder holder = Objects.requireNonNull(stats.oldestSnapshot());
      assertTrue(holder.readOnly());
      assertEquals(Thread.currentThread().toString(), holder.thread());
      assertTrue(holder.age().toNanos() > 0, holder::toString);
      assertTrue(holder.lsn() < stats.lastCommitLsn(), stats::toString);
      assertTrue(stats.keptBytes() > 8_000, stats::toString);
      younger.close();
      store.engine().pool().flushAll();
      store.checkpoint();
      store.checkpoint();
      assertTrue(store.engine().log().startLsn() > start, "the snapshot holds no log");
      assertEquals(1L, old.tree(TREE).get("x"));
      assertEquals(1, old.tree(TREE).count());
      old.close();
      assertNull(store.stats().versions().oldestSnapshot());
    }
  }

  @Test
  void commitsWaitsAndConflictsAreRecorded() throws IOException {
    try (Store store = Store.open(dir.resolve("c"), IsolationFixture.INLINE);
        Recording recording = new Recording()) {
      recording.enable("dev.redoubt.Commit").withThreshold(Duration.ZERO);
      recording.enable("dev.redoubt.Conflict");
      recording.start();
      store.write(tx -> tx.tree(TREE).put("x", 1L));
      WriteTx stale = store.beginWrite();
      assertEquals(1L, stale.tree(TREE).get("x"));
      stale.tree(TREE).put("y", 1L);
      store.write(tx -> tx.tree(TREE).put("x", 2L));
      assertThrows(ConflictException.class, stale::commit);
      long id = stale.id();
      stale.close();
      recording.stop();
      Path file = dir.resolve("events.jfr");
      recording.dump(file);
      List<RecordedEvent> events = RecordingFile.readAllEvents(file);
      assertEquals(2, count(events, "dev.redoubt.Commit"));
      RecordedEvent conflict =
          events.stream()
              .filter(each -> each.getEventType().getName().equals("dev.redoubt.Conflict"))
              .findFirst()
              .orElseThrow();
      assertEquals(id, conflict.getLong("transactionId"));
      assertEquals("conflict", conflict.getString("code"));
    }
  }

  private static long count(List<RecordedEvent> events, String name) {
    return events.stream().filter(each -> each.getEventType().getName().equals(name)).count();
  }
}
