package dev.redoubt.crash.check;

import java.util.EnumSet;
import java.util.Set;

/** Why one transaction must come before another. */
enum Dependency {
  /** It wrote the version before. */
  WW("ww"),
  /** The other read what it wrote. */
  WR("wr"),
  /** It read the version before the one that the other wrote. */
  RW("rw"),
  /** The same, where a range read did not find the key that the other made. */
  RW_PREDICATE("rw-predicate"),
  /** It had been acknowledged before the other was begun. */
  REALTIME("realtime");

  static final Set<Dependency> WRITES = EnumSet.of(WW);
  static final Set<Dependency> FLOW = EnumSet.of(WW, WR);
  static final Set<Dependency> ALL = EnumSet.of(WW, WR, RW, RW_PREDICATE);

  private final String code;

  Dependency(String code) {
    this.code = code;
  }

  /** Whether it is an anti-dependency. */
  boolean isAnti() {
    return this == RW || this == RW_PREDICATE;
  }

  static Set<Dependency> and(Set<Dependency> some, Dependency more) {
    EnumSet<Dependency> both = EnumSet.copyOf(some);
    both.add(more);
    return both;
  }

  @Override
  public String toString() {
    return code;
  }
}
