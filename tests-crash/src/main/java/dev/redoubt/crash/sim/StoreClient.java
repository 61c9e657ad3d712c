package dev.redoubt.crash.sim;

import dev.redoubt.io.StorageException;
import dev.redoubt.kv.ConflictException;
import dev.redoubt.kv.Durability;
import dev.redoubt.kv.PreparedTransaction;
import dev.redoubt.kv.Savepoint;
import dev.redoubt.kv.SnapshotTooOldException;
import dev.redoubt.kv.Store;
import dev.redoubt.kv.TooLargeException;
import dev.redoubt.kv.WriteTx;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.SplittableRandom;

/** One client of a simulated store: does transactions, and enters in the ledger what they did. */
final class StoreClient {
  private final Store store;
  private final Ledger ledger;
  private final SimLife life;
  private final SplittableRandom random;
  private final int number;

  StoreClient(Store store, Ledger ledger, SimLife life, int number) {
    this.store = store;
    this.ledger = ledger;
    this.life = life;
    this.random = life.random().split();
    this.number = number;
  }

  /** Works; false if a fault of the disk ended that. */
  boolean work(int transactions) throws InterruptedException {
    for (int i = 0; i < transactions; i++) {
      try {
        if (random.nextInt(6) == 0) {
          new StoreAudit(store, ledger, life).reads(random);
        } else {
          transaction();
        }
        if (random.nextInt(40) == 0) {
          store.checkpoint();
        }
      } catch (ConflictException | SnapshotTooOldException | TooLargeException refused) {
        checkNotForgotten(refused);
        life.note("refused " + refused.code());
      } catch (StorageException failed) {
        if (!life.excuses()) {
          throw failed;
        }
        life.note("failed " + failed.code());
        return false;
      }
    }
    return true;
  }

  /** One whom a fault kept from being rolled back keeps its keys; then waits are in vain. */
  private void checkNotForgotten(StorageException refused) {
    if (life.timely()
        && !life.excuses()
        && String.valueOf(refused.getMessage()).startsWith("waited")) {
      throw new AssertionError("forgotten by the transaction it waited for", refused);
    }
  }

  private void transaction() {
    Ledger.Entry entry = ledger.begin(number);
    try (WriteTx tx = store.beginWrite()) {
      StoreWrites writes = new StoreWrites(tx, entry, random);
      switch (random.nextInt(6)) {
        case 0, 1 -> writes.own();
        case 2 -> writes.pair();
        default -> writes.some();
      }
      if (random.nextInt(5) == 0) {
        partly(tx, writes, entry);
      }
      writes.counter();
      end(tx, entry);
    } catch (ConflictException | SnapshotTooOldException | TooLargeException refused) {
      ledger.gone(entry);
      throw refused;
    } finally {
      if (!entry.asked) {
        ledger.gone(entry);
      }
    }
  }

  private void partly(WriteTx tx, StoreWrites writes, Ledger.Entry entry) {
    Savepoint here = tx.savepoint();
    int kept = entry.effects.size();
    writes.some();
    tx.rollbackTo(here);
    entry.effects.subList(kept, entry.effects.size()).clear();
    if (random.nextBoolean()) {
      writes.some();
    }
  }

  /** Commits, rolls back, or prepares and decides. */
  private void end(WriteTx tx, Ledger.Entry entry) {
    int how = random.nextInt(20);
    if (how == 0) {
      tx.rollback();
    } else if (how <= 2) {
      prepare(tx, entry);
    } else {
      Durability durability = random.nextInt(3) == 0 ? Durability.ASYNC : Durability.SYNC;
      entry.asked = true;
      tx.commit(durability);
      ledger.acknowledged(entry, durability == Durability.SYNC);
      life.note("commit " + entry);
    }
  }

  private void prepare(WriteTx tx, Ledger.Entry entry) {
    byte[] name = name(entry);
    entry.asked = true;
    tx.prepare(name);
    entry.inDoubt = true;
    life.note("prepared " + entry);
    for (PreparedTransaction prepared : store.listPrepared()) {
      if (Arrays.equals(prepared.gtrid(), name)) {
        decide(store, ledger, life, prepared.id(), entry, random.nextInt(3) != 0);
        return;
      }
    }
    throw new AssertionError(entry + " is prepared and not listed");
  }

  /** Gives a prepared transaction the word of its coordinator. */
  static void decide(
      Store store, Ledger ledger, SimLife life, long id, Ledger.Entry prepared, boolean commit) {
    if (commit) {
      store.commitPrepared(id);
      ledger.acknowledged(prepared, true);
    } else {
      prepared.refused = true;
      store.rollbackPrepared(id);
      ledger.gone(prepared);
    }
    life.note((commit ? "decided commit " : "decided rollback ") + prepared);
  }

  /** Name of a transaction for a coordinator. */
  static byte[] name(Ledger.Entry entry) {
    return (entry.client + "/" + entry.number).getBytes(StandardCharsets.UTF_8);
  }
}
