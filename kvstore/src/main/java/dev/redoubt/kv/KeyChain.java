package dev.redoubt.kv;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Walks over the newest part of a key's chain: the versions that hold increments, which several
 * transactions may have at a time, down to the newest write (store rule 2). Below that nobody
 * active is found. Stateless; the chain is the caller's or, for looking, anybody's.
 */
final class KeyChain {
  private KeyChain() {}

  /** The newest version of that transaction, or null. */
  static @Nullable Version own(@Nullable Version head, WriteSet writes) {
    for (Version each = head; each != null; each = below(each)) {
      if (each.writes == writes) {
        return each;
      }
    }
    return null;
  }

  /**
   * A version of another active transaction that keeps this one from owning the key; null if there
   * is none. Increments are compatible with each other and with nothing else.
   */
  static @Nullable Version blocker(@Nullable Version head, WriteSet writes, boolean toIncrement) {
    for (Version each = head; each != null; each = below(each)) {
      if (each.writes != writes && each.writes.isActive() && !(toIncrement && each.isIncrement())) {
        return each;
      }
    }
    return null;
  }

  /** Every open transaction that keeps this one from owning the key, as {@link #blocker}. */
  static List<WriteTransaction> owners(
      @Nullable Version head, WriteSet writes, boolean toIncrement) {
    List<WriteTransaction> owners = new ArrayList<>();
    Version each = blocker(head, writes, toIncrement);
    while (each != null) {
      if (each.writes.owner() instanceof WriteTransaction owner) {
        owners.add(owner);
      }
      each = blocker(below(each), writes, toIncrement);
    }
    return owners;
  }

  /**
   * A transaction that waits until the increments of this key have ended; those that come after it
   * wait for it in turn, or a stream of increments would keep it out for ever (rule 11).
   */
  static @Nullable WriteTransaction waiterAhead(@Nullable Version head, WriteTransaction self) {
    for (Version each = head; each != null; each = below(each)) {
      WriteTransaction ahead = each.writes.isActive() ? each.waiterBut(self) : null;
      if (ahead != null) {
        return ahead;
      }
    }
    return null;
  }

  /** The next older one that may be active; null behind the newest write. */
  private static @Nullable Version below(Version version) {
    return version.isIncrement() ? version.older : null;
  }

  /** The newest commit that changed the key, as far as is known; 0 if none is. */
  static long newest(@Nullable Version head) {
    long newest = 0;
    for (Version each = head; each != null; each = below(each)) {
      newest = Math.max(newest, each.newest());
    }
    return newest;
  }

  /** Puts {@code mine} on top of {@code older}; called in the key's bucket. */
  static void link(Version mine, @Nullable Version older) {
    mine.older = older;
    if (older != null) {
      older.newer = mine;
      if (older.isIncrement()) {
        mine.depth(older.depth() + 1);
      }
    }
  }

  /**
   * Makes one of committed increments below {@code mine} that every snapshot, now or later, sees
   * together or not at all. Called in the key's bucket and under the leaf's exclusive latch, since
   * who walks over the chain must not meet one of them twice, or not at all.
   */
  static void fold(Version mine, KeyTable.Needs needs) {
    int left = 1;
    Version upper = mine;
    Version lower = mine.older;
    while (lower != null && lower.isIncrement()) {
      if (isSettled(upper) && isSettled(lower) && !isBetween(upper, lower, needs)) {
        upper.add(lower);
        needs.dropped(lower.drop());
        unlink(mine, lower);
      } else {
        upper = lower;
        left++;
      }
      lower = upper.older;
    }
    mine.depth(left);
  }

  private static boolean isSettled(Version version) {
    return version.isIncrement() && version.isWritten() && !version.writes.isActive();
  }

  private static boolean isBetween(Version one, Version other, KeyTable.Needs needs) {
    long a = one.writes.commitTs();
    long b = other.writes.commitTs();
    return needs.anyWithin(Math.min(a, b), Math.max(a, b));
  }

  /** Takes a version out, wherever it stands; called in the key's bucket. Returns the top. */
  static @Nullable Version unlink(@Nullable Version top, Version version) {
    Version older = version.older;
    Version newer = version.newer;
    version.unlinked = true;
    if (older != null) {
      older.newer = newer;
    }
    if (newer == null) {
      return older;
    }
    newer.older = older;
    return top;
  }
}
