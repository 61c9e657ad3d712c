package dev.redoubt.crash.workload;

/**
 * A client of a transactional store, one for each thread: the only thing that these workloads know
 * of a store. One transaction at a time.
 */
public interface Client extends AutoCloseable {
  /**
   * Begins a transaction.
   *
   * @param readOnly whether it will only read, for stores that treat such transactions another way
   * @throws AbortedException if there is none to be had now
   */
  Tx begin(boolean readOnly);

  /** Lets go of what the client holds; the store lives on. */
  @Override
  void close();

  /**
   * A transaction.
   *
   * <p>Before {@code commit} is called every {@link RuntimeException} means that the transaction
   * has no effect. From {@code commit} an {@link AbortedException} means that, and every other one
   * that nobody knows. {@link Error}s are passed on to whoever runs the client.
   */
  interface Tx extends Steps {
    /** Commits; at return whoever begins a transaction sees it, and no crash takes it back. */
    void commit();

    /**
     * Rolls back, if the transaction has not ended. Called after whatever was thrown, by {@code
     * commit} too unless it was an {@link AbortedException}.
     */
    void rollback();
  }
}
