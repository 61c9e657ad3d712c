package dev.redoubt.crash.sim;

/** A simulated thread, as its scheduler knows it. Confined to it. */
final class SimThread {
  final int number;
  final Thread thread;
  final Runnable continuation;
  int priority;

  /** Whether it waits in the list of those that can run. */
  boolean ready;

  SimThread(int number, Thread thread, int priority) {
    this.number = number;
    this.thread = thread;
    this.continuation = VirtualThreads.continuation(thread);
    this.priority = priority;
  }
}
