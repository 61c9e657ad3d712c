package dev.redoubt.kv.xa;

import dev.redoubt.kv.WriteTx;
import java.util.List;
import java.util.Objects;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;
import org.jspecify.annotations.Nullable;

/**
 * An XA resource of a store (JTA; X/Open, "Distributed Transaction Processing: The XA
 * Specification"). Between {@code start} and {@code end} its user works with {@link #transaction}.
 * Used by one thread at a time for that; what ends branches may come from any thread.
 *
 * <p>Nothing is ever decided heuristically. A timeout is looked at when work for a branch begins or
 * ends and when it is prepared or committed, which then gives {@code XA_RBTIMEOUT}; nothing happens
 * in between.
 */
public final class StoreXaResource implements XAResource {
  private final XaStore resources;
  private int timeoutSeconds;
  private @Nullable BranchId current;
  private @Nullable BranchTx working;
  private boolean scanning;

  StoreXaResource(XaStore resources) {
    this.resources = resources;
  }

  /**
   * The transaction of the branch that this resource works for. Its user does not end it.
   *
   * @throws IllegalStateException if it works for none: it has not been enlisted
   */
  public WriteTx transaction() {
    BranchTx branch = working;
    if (branch == null) {
      throw new IllegalStateException("the resource works for no branch; enlist it first");
    }
    return branch;
  }

  @Override
  public void start(Xid xid, int flags) throws XAException {
    BranchId id = XaStore.named(xid);
    if (current != null) {
      throw XaErrors.of(XAException.XAER_PROTO, "the resource works for branch " + current);
    }
    Branch branch =
        switch (flags) {
          case TMNOFLAGS -> resources.begin(id, this, timeoutSeconds);
          case TMJOIN -> resources.take(id, this, false);
          case TMRESUME -> resources.take(id, this, true);
          default -> throw flags("start", flags);
        };
    current = id;
    working = new BranchTx(branch.transaction);
  }

  @Override
  public void end(Xid xid, int flags) throws XAException {
    BranchId id = XaStore.named(xid);
    if (flags != TMSUCCESS && flags != TMFAIL && flags != TMSUSPEND) {
      throw flags("end", flags);
    }
    if (Objects.equals(id, current)) {
      current = null;
      working = null;
    }
    resources.release(id, this, flags == TMSUSPEND, flags == TMFAIL);
  }

  @Override
  public int prepare(Xid xid) throws XAException {
    BranchId id = XaStore.named(xid);
    Branch branch = remove(id);
    try {
      resources.requireAlive(branch, id);
      return branch.transaction.prepare(id.encode()) ? XA_OK : XA_RDONLY;
    } catch (XAException e) {
      undo(branch, null);
      throw e;
    } catch (RuntimeException e) {
      throw undo(branch, e);
    }
  }

  @Override
  public void commit(Xid xid, boolean onePhase) throws XAException {
    BranchId id = XaStore.named(xid);
    if (onePhase) {
      commitOnePhase(id);
      return;
    }
    try {
      resources.store().commitPrepared(requirePrepared(id));
    } catch (RuntimeException e) {
      throw XaErrors.undecided(e);
    }
  }

  private void commitOnePhase(BranchId id) throws XAException {
    if (resources.findPrepared(id) != null) {
      throw XaErrors.of(XAException.XAER_PROTO, "branch " + id + " has been prepared");
    }
    Branch branch = remove(id);
    try {
      resources.requireAlive(branch, id);
      branch.transaction.commit();
    } catch (XAException e) {
      undo(branch, null);
      throw e;
    } catch (RuntimeException e) {
      throw undo(branch, e);
    }
  }

  @Override
  public void rollback(Xid xid) throws XAException {
    BranchId id = XaStore.named(xid);
    try {
      Branch branch = resources.remove(id);
      if (branch != null) {
        branch.transaction.rollback();
      } else {
        resources.store().rollbackPrepared(requirePrepared(id));
      }
    } catch (RuntimeException e) {
      throw XaErrors.undecided(e);
    }
  }

  /** Gives all branches in doubt to who starts a scan, and no more to who goes on. */
  @Override
  public Xid[] recover(int flags) throws XAException {
    if ((flags & ~(TMSTARTRSCAN | TMENDRSCAN)) != 0 || (!scanning && (flags & TMSTARTRSCAN) == 0)) {
      throw flags("recover, with" + (scanning ? " a" : "out a") + " scan open,", flags);
    }
    List<BranchId> found = (flags & TMSTARTRSCAN) == 0 ? List.of() : resources.inDoubt();
    scanning = (flags & TMENDRSCAN) == 0;
    return found.toArray(Xid[]::new);
  }

  /** Always refused: no branch is ever decided heuristically. */
  @Override
  public void forget(Xid xid) throws XAException {
    BranchId id = XaStore.named(xid);
    throw resources.findPrepared(id) == null
        ? XaStore.unknown(id)
        : XaErrors.of(XAException.XAER_PROTO, "branch " + id + " awaits its decision");
  }

  @Override
  public boolean isSameRM(@Nullable XAResource other) {
    return other instanceof StoreXaResource that && that.resources == resources;
  }

  @Override
  public int getTransactionTimeout() {
    return timeoutSeconds;
  }

  /** For branches that begin from now on; 0 for none, which is the default. */
  @Override
  public boolean setTransactionTimeout(int seconds) throws XAException {
    if (seconds < 0) {
      throw XaErrors.of(XAException.XAER_INVAL, "a timeout of " + seconds + " seconds");
    }
    timeoutSeconds = seconds;
    return true;
  }

  private Branch remove(BranchId id) throws XAException {
    Branch branch = resources.remove(id);
    if (branch == null) {
      throw resources.findPrepared(id) == null
          ? XaStore.unknown(id)
          : XaErrors.of(XAException.XAER_PROTO, "branch " + id + " has been prepared");
    }
    return branch;
  }

  private long requirePrepared(BranchId id) throws XAException {
    Long prepared = resources.findPrepared(id);
    if (prepared == null) {
      if (resources.isKnown(id)) {
        throw XaErrors.of(XAException.XAER_PROTO, "branch " + id + " has not been prepared");
      }
      throw XaStore.unknown(id);
    }
    return prepared;
  }

  /** Rolls back what could not be prepared or committed; gives what to throw. */
  private static XAException undo(Branch branch, @Nullable RuntimeException cause) {
    if (cause != null && XaErrors.isFailure(cause)) {
      return XaErrors.undecided(cause);
    }
    XAException error =
        cause == null ? XaErrors.of(XAException.XA_RBROLLBACK, "") : XaErrors.rolledBack(cause);
    try {
      branch.transaction.close();
    } catch (RuntimeException e) {
      error.addSuppressed(e);
    }
    return error;
  }

  private static XAException flags(String call, int flags) {
    return XaErrors.of(
        XAException.XAER_INVAL, call + " does not take flags 0x" + Integer.toHexString(flags));
  }
}
