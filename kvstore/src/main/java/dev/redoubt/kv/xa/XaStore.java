package dev.redoubt.kv.xa;

import dev.redoubt.kv.PreparedTransaction;
import dev.redoubt.kv.Store;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import javax.transaction.xa.XAException;
import javax.transaction.xa.Xid;
import org.jspecify.annotations.Nullable;

/**
 * A store as a resource manager (X/Open XA). Make one for each open store, and of it one {@link
 * StoreXaResource} for each thread of work. Branches belong to the store, not to a resource: any
 * resource of it may end what another began. Thread-safe.
 */
public final class XaStore {
  private final Store store;

  /** Guards the branches; no call of the store is made under it. */
  private final ReentrantLock branchesLock = new ReentrantLock();

  private final Map<BranchId, Branch> branches = new HashMap<>();

  /** The store stays the caller's, who closes it after the transaction manager has stopped. */
  public XaStore(Store store) {
    this.store = store;
  }

  /** A resource to be enlisted with transactions, or to recover by. */
  public StoreXaResource resource() {
    return new StoreXaResource(this);
  }

  Store store() {
    return store;
  }

  static BranchId named(@Nullable Xid xid) throws XAException {
    BranchId id = xid == null ? null : BranchId.of(xid);
    if (id == null) {
      throw XaErrors.of(XAException.XAER_INVAL, "the Xid is missing or breaks the limits of XA");
    }
    return id;
  }

  /** A branch begins. */
  Branch begin(BranchId id, StoreXaResource worker, int timeoutSeconds) throws XAException {
    if (findPrepared(id) != null) {
      throw duplicate(id);
    }
    long deadline = timeoutSeconds == 0 ? 0 : now() + TimeUnit.SECONDS.toNanos(timeoutSeconds);
    Branch branch;
    try {
      branch = new Branch(store.beginWrite(), deadline);
    } catch (RuntimeException e) {
      throw XaErrors.undecided(e);
    }
    branch.worker = worker;
    branchesLock.lock();
    try {
      if (branches.putIfAbsent(id, branch) == null) {
        return branch;
      }
    } finally {
      branchesLock.unlock();
    }
    branch.transaction.rollback();
    throw duplicate(id);
  }

  /** Somebody works for a branch again. */
  Branch take(BranchId id, StoreXaResource worker, boolean resume) throws XAException {
    branchesLock.lock();
    try {
      Branch branch = branches.get(id);
      if (branch == null) {
        throw unknown(id);
      }
      if (branch.worker != null || branch.suspended != resume) {
        throw XaErrors.of(
            XAException.XAER_PROTO,
            "branch "
                + id
                + " is "
                + (branch.suspended ? "suspended" : "not free to be worked for"));
      }
      requireAlive(branch, id);
      branch.worker = worker;
      branch.suspended = false;
      return branch;
    } finally {
      branchesLock.unlock();
    }
  }

  /**
   * Work for a branch ends.
   *
   * @throws XAException with an XA_RB code if the branch can only be rolled back
   */
  void release(BranchId id, StoreXaResource worker, boolean suspend, boolean fail)
      throws XAException {
    branchesLock.lock();
    try {
      Branch branch = branches.get(id);
      if (branch == null) {
        throw unknown(id);
      }
      boolean ofMine = branch.worker == worker || (branch.suspended && !suspend);
      if (!ofMine) {
        throw XaErrors.of(XAException.XAER_PROTO, "this resource does not work for branch " + id);
      }
      branch.worker = null;
      branch.suspended = suspend;
      branch.failed |= fail;
      if (!fail) {
        requireAlive(branch, id);
      }
    } finally {
      branchesLock.unlock();
    }
  }

  /** Takes a branch that nobody works for out of the table, to end it; null if there is none. */
  @Nullable Branch remove(BranchId id) throws XAException {
    branchesLock.lock();
    try {
      Branch branch = branches.get(id);
      if (branch != null && !branch.isAtRest()) {
        throw XaErrors.of(XAException.XAER_PROTO, "branch " + id + " is being worked for");
      }
      branches.remove(id);
      return branch;
    } finally {
      branchesLock.unlock();
    }
  }

  boolean isKnown(BranchId id) {
    branchesLock.lock();
    try {
      return branches.containsKey(id);
    } finally {
      branchesLock.unlock();
    }
  }

  /**
   * @throws XAException if it can only be rolled back
   */
  void requireAlive(Branch branch, BranchId id) throws XAException {
    if (branch.failed) {
      throw XaErrors.of(XAException.XA_RBROLLBACK, "work for branch " + id + " has failed");
    }
    if (branch.deadline != 0 && now() - branch.deadline > 0) {
      branch.failed = true;
      throw XaErrors.of(XAException.XA_RBTIMEOUT, "branch " + id + " took longer than its timeout");
    }
  }

  private long now() {
    return store.engine().environment().nanoTime();
  }

  /** Id of the prepared transaction of that name; null if there is none. */
  @Nullable Long findPrepared(BranchId id) throws XAException {
    for (PreparedTransaction each : prepared()) {
      if (Objects.equals(id, BranchId.decode(each.gtrid()))) {
        return each.id();
      }
    }
    return null;
  }

  /** Names of the branches that await their decision. */
  List<BranchId> inDoubt() throws XAException {
    List<BranchId> found = new ArrayList<>();
    for (PreparedTransaction each : prepared()) {
      BranchId id = BranchId.decode(each.gtrid());
      if (id != null) {
        found.add(id);
      }
    }
    return found;
  }

  private List<PreparedTransaction> prepared() throws XAException {
    try {
      return store.listPrepared();
    } catch (RuntimeException e) {
      throw XaErrors.undecided(e);
    }
  }

  static XAException unknown(BranchId id) {
    return XaErrors.of(XAException.XAER_NOTA, "no branch " + id + " is known here");
  }

  private static XAException duplicate(BranchId id) {
    return XaErrors.of(XAException.XAER_DUPID, "branch " + id + " is known here already");
  }
}
