package dev.redoubt.kv;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The prepared transactions, and what they have read as locks (store rule 12). Between prepare and
 * decision nobody commits or prepares a write into what they have read, and nobody prepares having
 * read what they have written: so the decision to commit needs no validation any more.
 *
 * <p>Locks are looked at by those who commit or prepare, in the commit section, and not by those
 * who write: a write that is not committed by then is ordered behind the decision, by the wait for
 * it. Changed in the commit section alone; read anywhere.
 */
final class InDoubt {
  private final WaitGraph waits;
  private volatile List<PreparedWork> all = List.of();

  InDoubt(WaitGraph waits) {
    this.waits = waits;
  }

  /** Those that are not decided, in the order of their preparation. */
  List<PreparedWork> all() {
    return all;
  }

  /** One that has read what {@code writes} change, or null. */
  @Nullable PreparedWork readerOf(WriteSet writes) {
    List<PreparedWork> list = all;
    for (int i = 0; i < list.size(); i++) { // with no iterator: every commit asks
      PreparedWork each = list.get(i);
      if (each.writes != writes && each.ranges.meets(writes)) {
        return each;
      }
    }
    return null;
  }

  /**
   * Makes sure that a transaction may be prepared, whose own writes are {@code own}.
   *
   * @throws ConflictException if one that is prepared has read what it has written, or has written
   *     what it has read
   */
  void admit(ReadSet reads, WriteSet own) {
    PreparedWork reader = readerOf(own);
    if (reader != null) {
      throw conflict(reader, "it has read what this one has written");
    }
    for (PreparedWork each : all) {
      if (reads.meets(each.writes)) {
        throw conflict(each, "it has written what this one has read");
      }
    }
  }

  /** The same, and enters it: the locks hold from now on. */
  void add(PreparedWork work) {
    for (PreparedWork each : all) {
      if (each.hasName(work.gtrid)) {
        throw new DecisionException(
            DecisionException.Reason.DUPLICATE,
            "transaction "
                + each.id()
                + " is prepared under the same global id; decide it first, or take another id");
      }
    }
    admit(work.ranges, work.writes);
    enter(work);
  }

  /** Restart: enters one that was admitted before. */
  void enter(PreparedWork work) {
    List<PreparedWork> more = new ArrayList<>(all);
    more.add(work);
    all = List.copyOf(more);
  }

  void remove(PreparedWork work) {
    all = all.stream().filter(each -> each != work).toList();
  }

  /**
   * Waits until {@code holder}, which has read what {@code waiter} is about to commit, has been
   * decided; called outside of the commit section.
   *
   * @throws ConflictException if that takes longer than the longest wait, or nobody of this opening
   *     can be expected to decide
   */
  void await(@Nullable KeyOwner waiter, PreparedWork holder) {
    WriteTransaction prepared = holder.user;
    if (prepared == null || !(waiter instanceof WriteTransaction committing)) {
      throw ConflictException.lasting(
          "what is to be committed was read by transaction "
              + holder.id()
              + ", which is in doubt since before this opening of the store; have it decided");
    }
    switch (waits.await(committing, prepared, List::of, () -> all.contains(holder))) {
      case OVER -> {}
      case DEADLOCK, OWN_THREAD, CHOSEN ->
          throw new ConflictException(
              "waiting for prepared transaction " + holder.id() + " would be a deadlock");
      case TIMED_OUT -> throw conflict(holder, "it has read what is to be committed");
    }
  }

  private static ConflictException conflict(PreparedWork with, String why) {
    return new ConflictException(
        "transaction " + with.id() + " is prepared and awaits its decision, and " + why);
  }
}
