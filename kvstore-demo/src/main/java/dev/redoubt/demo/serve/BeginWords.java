package dev.redoubt.demo.serve;

import dev.redoubt.demo.output.InputException;
import dev.redoubt.kv.Durability;
import dev.redoubt.kv.Isolation;
import dev.redoubt.kv.TransactionOptions;
import java.util.List;

/** What a transaction is to be, in the words behind {@code begin}. */
record BeginWords(boolean readOnly, TransactionOptions how) {
  /** What it is without a word, and what one request alone is. */
  static final TransactionOptions PLAIN =
      new TransactionOptions(Isolation.SERIALIZABLE, Durability.SYNC);

  static BeginWords of(List<String> words) {
    BeginWords begin = new BeginWords(false, PLAIN);
    for (String word : words) {
      begin =
          switch (word) {
            case "serializable" -> begin.with(begin.how.withIsolation(Isolation.SERIALIZABLE));
            case "snapshot" -> begin.with(begin.how.withIsolation(Isolation.SNAPSHOT));
            case "sync" -> begin.with(begin.how.withDurability(Durability.SYNC));
            case "async" -> begin.with(begin.how.withDurability(Durability.ASYNC));
            case "read-only" -> new BeginWords(true, begin.how);
            default ->
                throw new InputException(
                    "bad-request",
                    "'"
                        + word
                        + "' behind begin; there are serializable, snapshot, sync, async,"
                        + " read-only");
          };
    }
    return begin;
  }

  private BeginWords with(TransactionOptions changed) {
    return new BeginWords(readOnly, changed);
  }
}
