package dev.redoubt.benchmarks;

import java.util.SplittableRandom;

/** A client that closes its session when its time is over. */
record SessionClient(Peer.Session session, Clients.Client work) implements Clients.Client {
  @Override
  public void operation(SplittableRandom random) throws Exception {
    work.operation(random);
  }

  @Override
  public void close() {
    session.close();
  }
}
