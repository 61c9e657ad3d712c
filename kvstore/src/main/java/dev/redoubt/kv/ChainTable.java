package dev.redoubt.kv;

import dev.redoubt.io.ShortLatch;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The newest version of every key that has any: a hash table whose entries are the versions
 * themselves, linked by {@link Version#nextInBucket}. It is divided into stripes; who changes one
 * holds its latch, readers hold nothing. Thread-safe.
 *
 * <p>Why readers may walk over a bucket that others change: a head takes the place of the one that
 * it replaces, a new key comes first, and one that is taken out still leads to those behind it. So
 * a walk meets every key that is in the bucket from its beginning to its end; of a key that is
 * changed meanwhile it may meet the head of before, as if it had come earlier. Only when a stripe
 * grows do heads change buckets: a walk that finds nothing looks whether that has happened.
 */
final class ChainTable {
  private static final int STRIPES = 64;

  /** Of a stripe, at first; doubled when it has as many keys. */
  private static final int FIRST_BUCKETS = 256;

  /** A change of one chain. */
  @FunctionalInterface
  interface Change {
    /**
     * Called with the stripe latched.
     *
     * @return what is the newest version now; null for none
     */
    @Nullable Version apply(@Nullable Version head);
  }

  private static final class Stripe {
    final ReentrantLock latch = new ShortLatch();

    /** Odd while heads go to other buckets; changed under the latch. */
    final AtomicInteger moves = new AtomicInteger();

    volatile AtomicReferenceArray<@Nullable Version> buckets =
        new AtomicReferenceArray<>(FIRST_BUCKETS);

    int size; // guarded by the latch
  }

  private final Stripe[] stripes = new Stripe[STRIPES];

  /** How often a key was added, and how often one was taken out. Both only grow. */
  private final LongAdder added = new LongAdder();

  private final LongAdder removed = new LongAdder();

  ChainTable() {
    for (int i = 0; i < STRIPES; i++) {
      stripes[i] = new Stripe();
    }
  }

  /** The newest version of the key, of that {@link KeyRef#hash}, or null; allocates nothing. */
  @Nullable Version head(int treeId, byte[] key, int hash) {
    Stripe stripe = stripe(hash);
    while (true) {
      int moves = stripe.moves.get();
      AtomicReferenceArray<@Nullable Version> buckets = stripe.buckets;
      Version each = buckets.get(bucket(buckets, hash));
      while (each != null && !each.is(treeId, key, hash)) {
        each = each.nextInBucket;
      }
      if (each != null || (isQuiet(moves) && stripe.moves.get() == moves)) {
        return each;
      }
      stripe.latch.lock();
      try {
        // heads that were on their way have arrived
      } finally {
        stripe.latch.unlock();
      }
    }
  }

  /** Whether a key of that hash may have a version; from one or two reads. */
  boolean mayContain(int hash) {
    Stripe stripe = stripe(hash);
    int moves = stripe.moves.get();
    AtomicReferenceArray<@Nullable Version> buckets = stripe.buckets;
    return buckets.get(bucket(buckets, hash)) != null || !isQuiet(moves);
  }

  /**
   * Whether there is no chain at all. Right for a chain that is there from before the call until
   * its end: what was removed is counted first, what was added second, so that every removal that
   * counts has its addition counted, too, and the chain's own is one more. <em>Counted the other
   * way round, or as one sum, a chain that comes and goes meanwhile hides another that stays.</em>
   */
  boolean isEmpty() {
    long gone = removed.sum();
    return added.sum() == gone;
  }

  /** Makes that version the first and only one of its key; false if the key has one. */
  boolean addFirst(Version version) {
    Stripe stripe = stripe(version.hash());
    stripe.latch.lock();
    try {
      growIfFull(stripe);
      AtomicReferenceArray<@Nullable Version> buckets = stripe.buckets;
      int bucket = bucket(buckets, version.hash());
      Version first = buckets.get(bucket);
      for (Version each = first; each != null; each = each.nextInBucket) {
        if (each.is(version)) {
          return false;
        }
      }
      added.increment(); // before it can be found
      version.nextInBucket = first;
      buckets.set(bucket, version);
      stripe.size++;
      return true;
    } finally {
      stripe.latch.unlock();
    }
  }

  /** Takes out a key whose newest version is this one; false, and no change, if it is not. */
  boolean removeHead(Version version) {
    Stripe stripe = stripe(version.hash());
    stripe.latch.lock();
    try {
      AtomicReferenceArray<@Nullable Version> buckets = stripe.buckets;
      int bucket = bucket(buckets, version.hash());
      Version before = null;
      Version each = buckets.get(bucket);
      while (each != null && each != version) {
        before = each;
        each = each.nextInBucket;
      }
      if (each == null) {
        return false;
      }
      put(buckets, bucket, before, version.nextInBucket);
      stripe.size--;
      removed.increment(); // after it has gone
      return true;
    } finally {
      stripe.latch.unlock();
    }
  }

  /** Changes the chain of a key, as one step against all other changes; returns the newest. */
  @Nullable Version change(KeyRef key, Change change) {
    Stripe stripe = stripe(key.hash());
    stripe.latch.lock();
    try {
      AtomicReferenceArray<@Nullable Version> buckets = stripe.buckets;
      int bucket = bucket(buckets, key.hash());
      Version before = null;
      Version head = buckets.get(bucket);
      while (head != null && !head.is(key)) {
        before = head;
        head = head.nextInBucket;
      }
      if (head == null) { // whoever takes a version back needs no memory
        growIfFull(stripe);
        buckets = stripe.buckets;
        bucket = bucket(buckets, key.hash());
      }
      Version left = change.apply(head);
      if (left == head) {
        return left;
      }
      if (head == null) {
        added.increment();
        Objects.requireNonNull(left).nextInBucket = buckets.get(bucket);
        buckets.set(bucket, left);
        stripe.size++;
      } else if (left == null) {
        put(buckets, bucket, before, head.nextInBucket);
        stripe.size--;
        removed.increment();
      } else {
        left.nextInBucket = head.nextInBucket;
        put(buckets, bucket, before, left);
      }
      return left;
    } finally {
      stripe.latch.unlock();
    }
  }

  /** Every newest version there was during the call, and some that came or went meanwhile. */
  List<Version> heads() {
    List<Version> heads = new ArrayList<>();
    for (Stripe stripe : stripes) {
      stripe.latch.lock();
      try {
        AtomicReferenceArray<@Nullable Version> buckets = stripe.buckets;
        for (int i = 0; i < buckets.length(); i++) {
          for (Version each = buckets.get(i); each != null; each = each.nextInBucket) {
            heads.add(each);
          }
        }
      } finally {
        stripe.latch.unlock();
      }
    }
    return heads;
  }

  /** How many keys have a version. */
  int size() {
    int size = 0;
    for (Stripe stripe : stripes) {
      stripe.latch.lock();
      try {
        size += stripe.size;
      } finally {
        stripe.latch.unlock();
      }
    }
    return size;
  }

  private static void put(
      AtomicReferenceArray<@Nullable Version> buckets,
      int bucket,
      @Nullable Version before,
      @Nullable Version version) {
    if (before == null) {
      buckets.set(bucket, version);
    } else {
      before.nextInBucket = version;
    }
  }

  /** Before anything is changed, since there may be no memory for it. */
  private static void growIfFull(Stripe stripe) {
    AtomicReferenceArray<@Nullable Version> old = stripe.buckets;
    if (stripe.size < old.length()) {
      return;
    }
    AtomicReferenceArray<@Nullable Version> more = new AtomicReferenceArray<>(2 * old.length());
    stripe.moves.incrementAndGet();
    for (int i = 0; i < old.length(); i++) {
      Version each = old.get(i);
      while (each != null) {
        Version next = each.nextInBucket;
        int bucket = bucket(more, each.hash());
        each.nextInBucket = more.get(bucket);
        more.set(bucket, each);
        each = next;
      }
    }
    stripe.buckets = more;
    stripe.moves.incrementAndGet();
  }

  private static boolean isQuiet(int moves) {
    return (moves & 1) == 0;
  }

  private Stripe stripe(int hash) {
    return stripes[mixed(hash) >>> 26];
  }

  private static int bucket(AtomicReferenceArray<@Nullable Version> buckets, int hash) {
    return mixed(hash) >>> 6 & buckets.length() - 1;
  }

  private static int mixed(int hash) {
    return (hash ^ hash >>> 15) * 0x9E3779B9;
  }
}
