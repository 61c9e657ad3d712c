package dev.redoubt.recovery;

import dev.redoubt.io.CorruptionException;
import dev.redoubt.io.DiskFullException;
import dev.redoubt.io.LazyLogger;
import dev.redoubt.io.StorageException;
import dev.redoubt.io.StorageIoException;
import dev.redoubt.wal.LogWindow;

/**
 * One record of one loser: what every kind of undo pass is made of (ARIES §6.3). A loser whose undo
 * meets a page that is damaged or cannot be read, or an error of its manager, is not to be undone
 * further (rule 18). One loser is undone by one thread at a time.
 */
final class LoserStep {
  private static final System.Logger LOG = LazyLogger.of(LoserStep.class);

  /** What became of the record. */
  enum Outcome {
    /** Undone by one CLR. */
    UNDONE,
    /** Passed: it needs no undo. */
    PASSED,
    /** Left alone: an update outside of any nested top action, which were to be undone only. */
    NOT_NESTED,
    /** It cannot be undone; nothing was appended for it. */
    STUCK
  }

  private final Rollback rollback;
  private final LogWindow log;

  /** For undo of one loser by any thread. */
  LoserStep(Rollback rollback) {
    this(rollback, rollback.single());
  }

  /**
   * For undo of many losers, that of the largest undoNextLSN first.
   *
   * @param log confined to the one who takes these steps
   */
  LoserStep(Rollback rollback, LogWindow log) {
    this.rollback = rollback;
    this.log = log;
  }

  /**
   * Undoes or passes what undo of {@code loser} visits next.
   *
   * @throws dev.redoubt.io.DiskFullException if there is no space for the CLR; nothing has changed
   */
  Outcome run(Transaction loser, boolean nestedOnly) {
    long lsn = loser.undoNextLsn();
    try {
      LogRecord.OfTransaction record = rollback.read(loser, log);
      if (nestedOnly && record instanceof LogRecord.Update update && !update.nested()) {
        return Outcome.NOT_NESTED;
      }
      return rollback.step(loser, record) == 0 ? Outcome.PASSED : Outcome.UNDONE;
    } catch (CorruptionException damaged) {
      return Outcome.STUCK;
    } catch (DiskFullException full) {
      throw full;
    } catch (StorageIoException unreadable) {
      if (nestedOnly || rollback.isHalted()) {
        throw unreadable; // nobody may be let in over a structure that is half made (rule 14)
      }
      // Nothing was appended for it: one bad sector must not keep the store shut.
      LOG.log(
          System.Logger.Level.WARNING,
          "transaction " + loser.id() + " cannot be undone now: " + unreadable.getMessage(),
          unreadable);
      return Outcome.STUCK;
    } catch (StorageException disk) {
      throw disk;
    } catch (RuntimeException bug) {
      if (rollback.isHalted()) {
        throw bug;
      }
      // Nothing was appended for it: an error of a manager leaves one loser undone (rule 18).
      LOG.log(
          System.Logger.Level.ERROR,
          "transaction "
              + loser.id()
              + " stays unfinished: undo of the record at LSN "
              + lsn
              + " fails, which is an error of this program",
          bug);
      return Outcome.STUCK;
    }
  }
}
