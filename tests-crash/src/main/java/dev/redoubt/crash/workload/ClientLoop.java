package dev.redoubt.crash.workload;

import dev.redoubt.crash.history.MicroOp;
import dev.redoubt.crash.history.Operation;
import dev.redoubt.crash.history.Session;
import java.util.List;
import org.jspecify.annotations.Nullable;

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
   * Runs a step in a transaction of its own, once. Whatever happens the transaction is over then,
   * as far as the client can see to it.
   *
   * @return how it ended; never {@link Operation.Type#INVOKE}
   * @throws Error if the client threw it; recorded as {@link Operation.Type#FAIL} if it came before
   *     the commit, else as {@link Operation.Type#INFO}
   */
  public Operation.Type run(Client client, Step step) {
    session.invoke(step.f(), step.planned());
    RecordedSteps recorded = new RecordedSteps();
    Client.Tx tx = null;
    try {
      tx = client.begin(step.readOnly());
      recorded.attach(tx);
      step.body().run(recorded);
    } catch (RuntimeException e) {
      return failed(tx, recorded.done(), e);
    } catch (Error e) {
      failed(tx, recorded.done(), e);
      throw e;
    }
    return commit(tx, recorded.done());
  }

  private Operation.Type commit(Client.Tx tx, List<MicroOp> done) {
    try {
      tx.commit();
    } catch (AbortedException e) {
      return failed(null, done, e);
    } catch (RuntimeException e) {
      return unknown(tx, done, e);
    } catch (Error e) {
      unknown(tx, done, e);
      throw e;
    }
    session.ok(done);
    return Operation.Type.OK;
  }

  /** Without a commit it has no effect, whether its rollback succeeds or not. */
  private Operation.Type failed(Client.@Nullable Tx tx, List<MicroOp> done, Throwable e) {
    end(tx, e);
    session.fail(done, e.toString());
    return Operation.Type.FAIL;
  }

  private Operation.Type unknown(Client.Tx tx, List<MicroOp> done, Throwable e) {
    end(tx, e);
    session.info(done, e.toString());
    return Operation.Type.INFO;
  }

  private static void end(Client.@Nullable Tx tx, Throwable e) {
    if (tx != null) {
      try {
        tx.rollback();
      } catch (RuntimeException | Error alsoRollback) {
        if (!alsoRollback.equals(e)) { // a full heap has one error for all
          e.addSuppressed(alsoRollback);
        }
      }
    }
  }
}
