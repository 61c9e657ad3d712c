package dev.redoubt.kv;

/**
 * A transaction that restart has left as it was (recovery rules 17 and 18). Its keys are its own
 * for as long as the store is open, so whoever wants to write one is refused at once.
 *
 * @param id of the transaction
 * @param prepared whether it awaits the decision of a coordinator; otherwise a damaged page keeps
 *     it from being undone
 */
record UnfinishedTransaction(long id, boolean prepared) implements KeyOwner {
  /** Why its keys cannot be had, and what helps. */
  String reason() {
    return "that belongs to transaction "
        + id
        + ", which restart could not finish: "
        + (prepared
            ? "it is prepared and awaits its decision"
            : "a page it changed is damaged; verify names the page, and the next opening after its"
                + " repair finishes the transaction");
  }
}
