package dev.redoubt.crash.check;

/** What a store promises. */
public enum Consistency {
  /** As if transactions ran one after the other, in an order that agrees with real time. */
  STRICT_SERIALIZABLE,
  /** As if transactions ran one after the other, in any order. */
  SERIALIZABLE,
  /**
   * Each transaction reads one snapshot, which has all that was acknowledged before it began, and
   * two that write the same key do not overlap. Write skew is allowed.
   */
  STRONG_SNAPSHOT,
  /** The same, but a snapshot may be an old one. */
  SNAPSHOT,
  /** Nobody reads what was not committed. */
  READ_COMMITTED;

  /** Whether a store that promises this must never show the anomaly. */
  public boolean forbids(AnomalyKind kind) {
    return switch (kind) {
      case G_SINGLE, G_SINGLE_PREDICATE, G_NONADJACENT, LOST_UPDATE -> this != READ_COMMITTED;
      case G2_ITEM, G2 -> this == STRICT_SERIALIZABLE || this == SERIALIZABLE;
      case G0_REALTIME, G1C_REALTIME, G_SINGLE_REALTIME, G_NONADJACENT_REALTIME ->
          this == STRICT_SERIALIZABLE || this == STRONG_SNAPSHOT;
      case G2_REALTIME -> this == STRICT_SERIALIZABLE;
      case G0,
          G1A,
          G1B,
          G1C,
          INTERNAL,
          GARBAGE,
          DUPLICATE,
          INCOMPATIBLE_ORDER,
          NOT_LINEARIZABLE,
          LOST_WRITE,
          HALF,
          TOTAL,
          COUNTER,
          UNKNOWN ->
          true;
    };
  }
}
