package dev.redoubt.crash.workload;

import dev.redoubt.crash.history.MicroOp;
import dev.redoubt.crash.history.Operation;
import dev.redoubt.crash.history.Session;
import java.util.List;

/**
 * Runs steps on a client, one by one, and records what it was told. Confined to one thread at a
 * time; the client may be replaced between two steps, the session goes on.
 */
public final class ClientLoop {
  private final Session session;

  /** Records in this session. */
  public ClientLoop(Session session) {
    this.session = session;
  }

  /**
   * Runs a step in a transaction of its own, once.
   *
   * @return how it ended; never {@link Operation.Type#INVOKE}
   * @throws Error if the client threw it; recorded as {@link Operation.Type#INFO}
   */
  public Operation.Type run(Client client, Step step) {
    session.invoke(step.f(), step.planned());
    RecordedSteps recorded = new RecordedSteps();
    Client.Tx tx;
    try {
      tx = client.begin(step.readOnly());
      recorded.attach(tx);
      if (!ran(tx, step, recorded)) {
        return Operation.Type.FAIL;
      }
    } catch (RuntimeException e) {
      return failed(recorded.done(), e);
    } catch (Error e) {
      session.info(recorded.done(), e.toString());
      throw e;
    }
    return commit(tx, recorded.done());
  }

  private boolean ran(Client.Tx tx, Step step, RecordedSteps recorded) {
    try {
      step.body().run(recorded);
      return true;
    } catch (RuntimeException e) {
      try {
        tx.rollback();
      } catch (RuntimeException alsoRollback) {
        e.addSuppressed(alsoRollback); // without a commit it has no effect in either case
      }
      failed(recorded.done(), e);
      return false;
    }
  }

  private Operation.Type commit(Client.Tx tx, List<MicroOp> done) {
    try {
      tx.commit();
    } catch (AbortedException e) {
      return failed(done, e);
    } catch (RuntimeException e) {
      session.info(done, e.toString());
      return Operation.Type.INFO;
    } catch (Error e) {
      session.info(done, e.toString());
      throw e;
    }
    session.ok(done);
    return Operation.Type.OK;
  }

  private Operation.Type failed(List<MicroOp> done, RuntimeException e) {
    session.fail(done, e.toString());
    return Operation.Type.FAIL;
  }
}
