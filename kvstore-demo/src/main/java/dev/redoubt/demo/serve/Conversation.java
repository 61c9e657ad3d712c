package dev.redoubt.demo.serve;

import dev.redoubt.demo.output.InputException;
import dev.redoubt.io.EngineHaltedException;
import dev.redoubt.io.StorageException;
import dev.redoubt.kv.Codecs;
import dev.redoubt.kv.Store;
import dev.redoubt.kv.TransactionOptions;
import dev.redoubt.kv.TreeDef;
import dev.redoubt.kv.VerifyReport;
import dev.redoubt.kv.WriteTx;
import java.io.IOException;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What one connection has open, and what its requests do. After an error of the store the open
 * transaction has been rolled back, so that a client that goes on regardless harms nobody. Confined
 * to one thread.
 */
final class Conversation implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Conversation.class.getName());
  private static final int MOST_ATTEMPTS = 20;

  private final Store store;
  private final Function<TransactionOptions, WriteTx> transactions;
  private final Replies replies;
  private TreeDef<String, String> tree;
  private @Nullable OpenTransaction open;

  Conversation(
      Store store,
      String tree,
      Function<TransactionOptions, WriteTx> transactions,
      Replies replies) {
    this.store = store;
    this.transactions = transactions;
    this.replies = replies;
    this.tree = definition(tree);
  }

  /**
   * Carries one request out and writes the reply; false if it was the last.
   *
   * @throws InputException if the request makes no sense; nothing has changed
   */
  boolean answer(List<String> request) throws IOException {
    String verb = request.getFirst();
    List<String> words = request.subList(1, request.size());
    try {
      switch (verb) {
        case "begin" -> begin(words);
        case "commit" -> commit();
        case "rollback" -> rollback();
        case "savepoint" -> savepoint(expect(1, 1, "savepoint NAME", words));
        case "rollback-to" -> rollbackTo(expect(1, 1, "rollback-to NAME", words));
        case "use" -> use(expect(1, 1, "use TREE", words));
        case "ping" -> replies.ok();
        case "checkpoint" -> replies.ok(store.checkpoint());
        case "verify" -> verify();
        case "quit" -> {
          replies.ok();
          return false;
        }
        default -> work(Work.of(verb, words));
      }
    } catch (StorageException e) {
      failed(e.code(), e);
    } catch (IllegalStateException e) {
      failed("internal", e);
    }
    return true;
  }

  private static TreeDef<String, String> definition(String name) {
    return TreeDef.of(name, Codecs.UTF_8, Codecs.UTF_8);
  }

  static List<String> expect(int least, int most, String usage, List<String> words) {
    if (words.size() < least || words.size() > most) {
      throw new InputException(
          "bad-request", "'" + usage + "' is what it looks like; " + words.size() + " words came");
    }
    return words;
  }

  private void begin(List<String> words) throws IOException {
    if (open != null) {
      throw new InputException("transaction-open", "commit or roll back first");
    }
    BeginWords begin = BeginWords.of(words);
    open =
        begin.readOnly()
            ? new OpenTransaction.Reading(store.beginRead())
            : new OpenTransaction.Writing(transactions.apply(begin.how()));
    replies.ok();
  }

  private OpenTransaction needed() {
    OpenTransaction tx = open;
    if (tx == null) {
      throw new InputException("no-transaction", "begin one first");
    }
    return tx;
  }

  private void use(List<String> words) throws IOException {
    tree = definition(words.getFirst());
    replies.ok();
  }

  private void savepoint(List<String> words) throws IOException {
    needed().savepoint(words.getFirst());
    replies.ok();
  }

  private void rollbackTo(List<String> words) throws IOException {
    needed().rollbackTo(words.getFirst());
    replies.ok();
  }

  private void commit() throws IOException {
    OpenTransaction tx = needed();
    long lsn;
    try {
      lsn = tx.commit();
    } catch (StorageException e) {
      open = null;
      replies.error(e.code(), afterFailedCommit(tx, e), String.valueOf(e.getMessage()));
      return;
    }
    open = null;
    replies.ok(lsn);
  }

  /** A commit that failed has not happened if there is still something to be rolled back. */
  private static Outcome afterFailedCommit(OpenTransaction tx, StorageException failure) {
    if (failure instanceof EngineHaltedException) {
      return Outcome.UNKNOWN;
    }
    try {
      tx.rollback();
      return Outcome.ABORTED;
    } catch (StorageException e) {
      failure.addSuppressed(e);
      return Outcome.UNKNOWN;
    }
  }

  private void rollback() throws IOException {
    OpenTransaction tx = needed();
    tx.rollback();
    open = null;
    replies.ok();
  }

  private void verify() throws IOException {
    VerifyReport report = store.verify(_ -> {});
    if (report.ok()) {
      replies.ok();
    } else {
      replies.error("damaged", Outcome.KEPT, String.join("; ", report.problems()));
    }
  }

  private void work(Work work) throws IOException {
    OpenTransaction tx = open;
    if (tx != null) {
      work.body().run(tx, tree, replies).to(replies);
    } else if (work.writes()) {
      alone(work);
    } else {
      try (OpenTransaction reading = new OpenTransaction.Reading(store.beginRead())) {
        work.body().run(reading, tree, replies).to(replies);
      }
    }
  }

  /** In a transaction of its own, again after a conflict. */
  private void alone(Work work) throws IOException {
    for (int attempt = 1; true; attempt++) {
      OpenTransaction tx = new OpenTransaction.Writing(transactions.apply(BeginWords.PLAIN));
      boolean committing = false;
      try {
        Work.Reply reply = work.body().run(tx, tree, replies);
        committing = true;
        tx.commit();
        reply.to(replies);
        return;
      } catch (StorageException e) {
        Outcome outcome = committing ? afterFailedCommit(tx, e) : Outcome.ABORTED;
        if (outcome == Outcome.UNKNOWN || !e.isRetryable() || attempt == MOST_ATTEMPTS) {
          replies.error(e.code(), outcome, String.valueOf(e.getMessage()));
          return;
        }
      } finally {
        letGo(tx); // quietly: the request has its reply
      }
    }
  }

  /** The store refused: what was open is rolled back. A rollback that fails may be sent again. */
  private void failed(String code, RuntimeException failure) throws IOException {
    String message = String.valueOf(failure.getMessage());
    OpenTransaction tx = open;
    if (tx != null) {
      try {
        tx.close();
        open = null;
      } catch (StorageException e) {
        message += "; rolling back failed, send rollback again: " + e.getMessage();
      }
    }
    replies.error(code, tx == null ? Outcome.KEPT : Outcome.ABORTED, message);
  }

  @Override
  public void close() {
    OpenTransaction tx = open;
    if (tx != null) {
      letGo(tx);
    }
  }

  private static void letGo(OpenTransaction tx) {
    try {
      tx.close();
    } catch (StorageException e) {
      // A full disk, say: it stays unfinished, and the next opening tries again.
      LOG.log(System.Logger.Level.WARNING, "what a client left open is not rolled back", e);
    }
  }
}
