package dev.redoubt.kv;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.io.Environment;
import dev.redoubt.io.RealDisk;
import dev.redoubt.kv.xa.StoreXaResource;
import dev.redoubt.kv.xa.XaStore;
import dev.redoubt.recovery.RecoveryListener;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.random.RandomGenerator;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** The store as an XA resource manager: the state table, and the codes of its errors. */
final class XaTest {
  private static final TreeDef<String, String> TREE = TreeDef.of("t", Codecs.UTF_8, Codecs.UTF_8);
  private static final StoreOptions OPTIONS =
      StoreOptions.defaults()
          .withConflictWait(Duration.ofMillis(20))
          .withEngine(StoreOptions.defaults().engine().withBackground(false));

  @SuppressWarnings("ArrayRecordComponent")
  private record Name(int getFormatId, byte[] getGlobalTransactionId, byte[] getBranchQualifier)
      implements Xid {
    static Name of(int number) {
      return new Name(7, new byte[] {1, 2, (byte) number}, new byte[] {9});
    }
  }

  private static final Xid ONE = Name.of(1);
  private static final Xid TWO = Name.of(2);

  /** The system's surroundings, with a clock that can be put ahead. */
  private static final class ClockAhead implements Environment {
    volatile long aheadNanos;

    @Override
    public Thread start(String name, Runnable body) {
      return Environment.system().start(name, body);
    }

    @Override
    public long nanoTime() {
      return Environment.system().nanoTime() + aheadNanos;
    }

    @Override
    public Instant now() {
      return Environment.system().now();
    }

    @Override
    public RandomGenerator random() {
      return Environment.system().random();
    }
  }

  @TempDir Path dir;
  private final ClockAhead clock = new ClockAhead();
  private Store store;
  private StoreXaResource resource;
  private StoreXaResource other;

  @BeforeEach
  void open() {
    store = Store.open(RealDisk.create(dir), clock, OPTIONS, RecoveryListener.NONE);
    XaStore xa = new XaStore(store);
    resource = xa.resource();
    other = xa.resource();
  }

  @AfterEach
  void close() {
    store.close();
  }

  private void work(Xid xid, String key) throws XAException {
    resource.start(xid, XAResource.TMNOFLAGS);
    resource.transaction().tree(TREE).put(key, "new");
    resource.end(xid, XAResource.TMSUCCESS);
  }

  private @Nullable String get(String key) {
    return store.<@Nullable String, RuntimeException>read(tx -> tx.tree(TREE).get(key));
  }

  private static void assertCode(int code, Executable call) {
    XAException e = assertThrows(XAException.class, call);
    assertEquals(code, e.errorCode, String.valueOf(e.getMessage()));
  }

  @Test
  void commitInOnePhaseAndInTwo() throws XAException {
    work(ONE, "a");
    resource.commit(ONE, true);
    assertEquals("new", get("a"));
    work(TWO, "b");
    assertEquals(XAResource.XA_OK, resource.prepare(TWO));
    assertNull(get("b"));
    other.commit(TWO, false); // any resource of the store may
    assertEquals("new", get("b"));
    for (Xid each : new Xid[] {ONE, TWO}) {
      assertCode(XAException.XAER_NOTA, () -> resource.commit(each, false));
      assertCode(XAException.XAER_NOTA, () -> resource.commit(each, true));
      assertCode(XAException.XAER_NOTA, () -> resource.prepare(each));
      assertCode(XAException.XAER_NOTA, () -> resource.rollback(each));
      assertCode(XAException.XAER_NOTA, () -> resource.forget(each));
      assertCode(XAException.XAER_NOTA, () -> resource.end(each, XAResource.TMSUCCESS));
      assertCode(XAException.XAER_NOTA, () -> resource.start(each, XAResource.TMJOIN));
    }
  }

  @Test
  void rollbackBeforeAndAfterPrepare() throws XAException {
    work(ONE, "a");
    resource.rollback(ONE);
    work(ONE, "a"); // the name is free again
    resource.prepare(ONE);
    resource.rollback(ONE);
    assertNull(get("a"));
  }

  @Test
  void aBranchThatOnlyReadIsOverAtPrepare() throws XAException {
    resource.start(ONE, XAResource.TMNOFLAGS);
    assertNull(resource.transaction().tree(TREE).get("a"));
    resource.end(ONE, XAResource.TMSUCCESS);
    assertEquals(XAResource.XA_RDONLY, resource.prepare(ONE));
    assertCode(XAException.XAER_NOTA, () -> resource.commit(ONE, false));
  }

  @Test
  void joinSuspendAndResume() throws XAException {
    resource.start(ONE, XAResource.TMNOFLAGS);
    resource.transaction().tree(TREE).put("a", "1");
    assertCode(XAException.XAER_PROTO, () -> other.start(ONE, XAResource.TMJOIN));
    assertCode(XAException.XAER_PROTO, () -> resource.start(TWO, XAResource.TMNOFLAGS));
    resource.end(ONE, XAResource.TMSUSPEND);
    assertThrows(IllegalStateException.class, () -> resource.transaction());
    assertCode(XAException.XAER_PROTO, () -> other.start(ONE, XAResource.TMJOIN));
    assertCode(XAException.XAER_PROTO, () -> resource.prepare(ONE));
    resource.start(ONE, XAResource.TMRESUME);
    assertEquals("1", resource.transaction().tree(TREE).get("a"));
    resource.end(ONE, XAResource.TMSUCCESS);
    assertCode(XAException.XAER_PROTO, () -> resource.start(ONE, XAResource.TMRESUME));
    other.start(ONE, XAResource.TMJOIN);
    assertCode(XAException.XAER_PROTO, () -> resource.end(ONE, XAResource.TMSUCCESS));
    other.transaction().tree(TREE).put("b", "2");
    other.end(ONE, XAResource.TMSUCCESS);
    resource.prepare(ONE);
    resource.commit(ONE, false);
    assertEquals("1", get("a"));
    assertEquals("2", get("b"));
  }

  @Test
  void wrongOrderIsRefusedAndChangesNothing() throws XAException {
    resource.start(ONE, XAResource.TMNOFLAGS);
    resource.transaction().tree(TREE).put("a", "new");
    assertCode(XAException.XAER_PROTO, () -> resource.prepare(ONE));
    assertCode(XAException.XAER_PROTO, () -> resource.commit(ONE, true));
    assertCode(XAException.XAER_PROTO, () -> resource.rollback(ONE));
    assertCode(XAException.XAER_DUPID, () -> other.start(ONE, XAResource.TMNOFLAGS));
    WriteTx inside = resource.transaction();
    assertThrows(IllegalStateException.class, inside::commit);
    assertThrows(IllegalStateException.class, inside::rollback);
    inside.close();
    resource.end(ONE, XAResource.TMSUCCESS);
    assertCode(XAException.XAER_PROTO, () -> resource.commit(ONE, false));
    resource.prepare(ONE);
    assertCode(XAException.XAER_PROTO, () -> resource.commit(ONE, true));
    assertCode(XAException.XAER_PROTO, () -> resource.prepare(ONE));
    assertCode(XAException.XAER_PROTO, () -> resource.forget(ONE));
    assertCode(XAException.XAER_DUPID, () -> resource.start(ONE, XAResource.TMNOFLAGS));
    assertCode(XAException.XAER_INVAL, () -> resource.start(TWO, XAResource.TMFAIL));
    assertCode(XAException.XAER_INVAL, () -> resource.end(ONE, XAResource.TMJOIN));
    Xid long65 = new Name(1, new byte[65], new byte[0]);
    assertCode(XAException.XAER_INVAL, () -> resource.start(long65, XAResource.TMNOFLAGS));
    resource.commit(ONE, false);
    assertEquals("new", get("a"));
  }

  @Test
  void failedWorkAndConflictsRollBack() throws XAException {
    resource.start(ONE, XAResource.TMNOFLAGS);
    resource.transaction().tree(TREE).put("a", "new");
    resource.end(ONE, XAResource.TMFAIL);
    assertCode(XAException.XA_RBROLLBACK, () -> resource.prepare(ONE));
    assertCode(XAException.XAER_NOTA, () -> resource.rollback(ONE));

    resource.start(TWO, XAResource.TMNOFLAGS);
    assertNull(resource.transaction().tree(TREE).get("a"));
    resource.transaction().tree(TREE).put("b", "new");
    resource.end(TWO, XAResource.TMSUCCESS);
    store.write(tx -> tx.tree(TREE).put("a", "changed"));
    assertCode(XAException.XA_RBTRANSIENT, () -> resource.prepare(TWO));
    assertNull(get("b"));
    store.write(tx -> tx.tree(TREE).put("b", "free"));
  }

  @Test
  void aBranchThatTookTooLongIsRolledBack() throws XAException {
    assertTrue(resource.setTransactionTimeout(3600));
    assertEquals(3600, resource.getTransactionTimeout());
    resource.start(ONE, XAResource.TMNOFLAGS);
    resource.transaction().tree(TREE).put("a", "new");
    clock.aheadNanos = Duration.ofSeconds(3601).toNanos();
    assertCode(XAException.XA_RBTIMEOUT, () -> resource.end(ONE, XAResource.TMSUCCESS));
    assertCode(XAException.XA_RBROLLBACK, () -> resource.commit(ONE, true));
    assertNull(get("a"));
    assertCode(XAException.XAER_INVAL, () -> resource.setTransactionTimeout(-1));
  }

  @Test
  void recoveryFindsWhatWasPreparedBeforeACrash() throws XAException {
    work(ONE, "a");
    resource.prepare(ONE);
    work(TWO, "b"); // not prepared: gone
    WriteTx foreign = store.beginWrite();
    foreign.tree(TREE).put("c", "new");
    foreign.prepare(new byte[] {1}); // of no transaction manager
    store.abandon();
    open();
    Xid[] found = resource.recover(XAResource.TMSTARTRSCAN);
    assertEquals(1, found.length);
    assertEquals(7, found[0].getFormatId());
    assertArrayEquals(ONE.getGlobalTransactionId(), found[0].getGlobalTransactionId());
    assertArrayEquals(ONE.getBranchQualifier(), found[0].getBranchQualifier());
    assertEquals(0, resource.recover(XAResource.TMNOFLAGS).length);
    assertEquals(0, resource.recover(XAResource.TMENDRSCAN).length);
    assertCode(XAException.XAER_INVAL, () -> resource.recover(XAResource.TMNOFLAGS));
    assertCode(XAException.XAER_INVAL, () -> resource.recover(XAResource.TMJOIN));
    assertEquals(1, resource.recover(XAResource.TMSTARTRSCAN | XAResource.TMENDRSCAN).length);
    resource.commit(found[0], false);
    assertEquals("new", get("a"));
    assertNull(get("b"));
    store.rollbackPrepared(foreign.id());
  }

  @Test
  void resourcesOfOneStoreAreOneManager() {
    assertTrue(resource.isSameRM(other));
    assertFalse(resource.isSameRM(new XaStore(store).resource()));
    assertFalse(resource.isSameRM(null));
  }

  @Test
  void aClosedStoreIsAFailure() throws XAException {
    work(ONE, "a");
    store.close();
    assertCode(XAException.XAER_RMFAIL, () -> resource.prepare(ONE));
    assertCode(XAException.XAER_RMFAIL, () -> resource.start(TWO, XAResource.TMNOFLAGS));
    assertCode(XAException.XAER_RMFAIL, () -> resource.recover(XAResource.TMSTARTRSCAN));
  }
}
