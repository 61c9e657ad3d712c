package dev.redoubt.demo.serve;

/** What an error means for the transaction; the second word of an error line, in lower case. */
public enum Outcome {
  /** It is as it was before the request; with none open nothing has changed. */
  KEPT,
  /** It has been rolled back, or will be by restart: nothing of it will be there. */
  ABORTED,
  /** Its commit may or may not be there, whole, when the store is open again. */
  UNKNOWN
}
