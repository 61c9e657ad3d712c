package dev.redoubt.recovery;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * A set of objects that come and go often. Each takes a free place of an array, and gives it up
 * when it goes: no lock, nothing allocated, and a few threads do not meet. Arrays, each twice as
 * long as the one before, are added when all are full, and stay. Thread-safe.
 *
 * @param <T> what is in it; each object once
 */
public final class Roster<T extends Roster.Member> {
  /** What can be in a roster, and in one only. */
  public abstract static class Member {
    /** Where it is; set before others can see it there. */
    private int place;

    /** Made outside of any. */
    protected Member() {}
  }

  private static final int FIRST_PLACES = 64;

  /** Neighbouring threads start this far apart, so as not to share a cache line. */
  private static final int SPREAD = 19;

  private static final int MOST_ARRAYS = 24;

  /** The next is made when it is needed first; none is ever left out. */
  private final AtomicReferenceArray<@Nullable AtomicReferenceArray<@Nullable T>> arrays =
      new AtomicReferenceArray<>(MOST_ARRAYS);

  /** Number of the first array that may have a free place; those before it were full lately. */
  private volatile int firstWithRoom;

  /** Makes an empty one. */
  public Roster() {
    arrays.set(0, new AtomicReferenceArray<>(FIRST_PLACES));
  }

  /** Enters an object; whoever looks at all of them from now on meets it. */
  public void enter(T object) {
    Member member = object;
    int start = (int) Thread.currentThread().threadId() * SPREAD;
    int number = firstWithRoom;
    while (true) {
      AtomicReferenceArray<@Nullable T> array = array(number);
      for (int i = 0; i < array.length(); i++) {
        int index = start + i & array.length() - 1;
        if (array.get(index) == null) {
          member.place = array.length() + index;
          if (array.compareAndSet(index, null, object)) {
            return;
          }
        }
      }
      number++;
      firstWithRoom = number;
    }
  }

  /** Takes out an object that was entered; harmless if it has been taken out before. */
  public void leave(T object) {
    int place = ((Member) object).place;
    int length = Integer.highestOneBit(place);
    int number = Integer.numberOfTrailingZeros(length / FIRST_PLACES);
    if (array(number).compareAndSet(place - length, object, null) && number < firstWithRoom) {
      firstWithRoom = number;
    }
  }

  /** All that were there during the call, and some that came or went meanwhile. */
  public List<T> all() {
    List<T> all = new ArrayList<>();
    for (int number = 0; number < MOST_ARRAYS; number++) {
      AtomicReferenceArray<@Nullable T> array = arrays.get(number);
      if (array == null) {
        break;
      }
      for (int i = 0; i < array.length(); i++) {
        T each = array.get(i);
        if (each != null) {
          all.add(each);
        }
      }
    }
    return all;
  }

  private AtomicReferenceArray<@Nullable T> array(int number) {
    AtomicReferenceArray<@Nullable T> array = arrays.get(number);
    if (array == null) {
      arrays.compareAndSet(number, null, new AtomicReferenceArray<>(FIRST_PLACES << number));
      array = arrays.get(number);
    }
    return Objects.requireNonNull(array);
  }
}
