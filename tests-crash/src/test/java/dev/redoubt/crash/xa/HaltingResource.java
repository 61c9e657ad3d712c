package dev.redoubt.crash.xa;

import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;

/** A resource that halts the JVM before or after one of the calls of all such resources. */
final class HaltingResource implements XAResource {
  /** Counts the steps: one before each call, and one after. */
  static final class Steps {
    private final int haltAt;
    private int count;

    Steps(int haltAt) {
      this.haltAt = haltAt;
    }

    void step(String what) {
      count++;
      System.out.println(count + " " + what);
      if (count == haltAt) {
        System.out.flush();
        Runtime.getRuntime().halt(1);
      }
    }
  }

  private interface Call<R> {
    R run() throws XAException;
  }

  private final XAResource target;
  private final String name;
  private final Steps steps;

  HaltingResource(XAResource target, String name, Steps steps) {
    this.target = target;
    this.name = name;
    this.steps = steps;
  }

  private <R> R around(String call, Call<R> body) throws XAException {
    steps.step("before " + call + " " + name);
    R result = body.run();
    steps.step("after " + call + " " + name);
    return result;
  }

  private void around(String call, Action body) throws XAException {
    this.<Boolean>around(
        call,
        () -> {
          body.run();
          return true;
        });
  }

  private interface Action {
    void run() throws XAException;
  }

  @Override
  public void start(Xid xid, int flags) throws XAException {
    around("start", () -> target.start(xid, flags));
  }

  @Override
  public void end(Xid xid, int flags) throws XAException {
    around("end", () -> target.end(xid, flags));
  }

  @Override
  public int prepare(Xid xid) throws XAException {
    return this.<Integer>around("prepare", () -> target.prepare(xid));
  }

  @Override
  public void commit(Xid xid, boolean onePhase) throws XAException {
    around("commit", () -> target.commit(xid, onePhase));
  }

  @Override
  public void rollback(Xid xid) throws XAException {
    around("rollback", () -> target.rollback(xid));
  }

  @Override
  public Xid[] recover(int flags) throws XAException {
    return target.recover(flags);
  }

  @Override
  public void forget(Xid xid) throws XAException {
    target.forget(xid);
  }

  @Override
  public boolean isSameRM(XAResource other) throws XAException {
    return other == this;
  }

  @Override
  public int getTransactionTimeout() throws XAException {
    return target.getTransactionTimeout();
  }

  @Override
  public boolean setTransactionTimeout(int seconds) throws XAException {
    return target.setTransactionTimeout(seconds);
  }
}
