package dev.redoubt.crash.check;

/** The anomalies, under the names of the field. */
public enum AnomalyKind {
  /** Writes of two transactions are interleaved: a cycle of write dependencies. */
  G0("G0", "dirty write"),
  /** Somebody read what an aborted transaction, or a part that was rolled back, wrote. */
  G1A("G1a", "aborted read, dirty read"),
  /** Somebody read what a transaction overwrote itself, or some of its writes without others. */
  G1B("G1b", "intermediate read, dirty read"),
  /** A cycle of write and read dependencies: circular flow of information. */
  G1C("G1c", "circular information flow"),
  /** A transaction does not find what it has read or written before. */
  INTERNAL("internal", "a transaction contradicts itself"),
  /** A read found what nobody wrote. */
  GARBAGE("garbage", "a value from nowhere"),
  /** One write shows twice. */
  DUPLICATE("duplicate", "one write took effect twice"),
  /** Two reads saw a key in orders that cannot both be. */
  INCOMPATIBLE_ORDER("incompatible-order", "two reads disagree about the order of writes"),
  /** Two transactions read one version of a key, and both wrote it. */
  LOST_UPDATE("lost-update", "both updated the same version"),
  /** A cycle with exactly one anti-dependency. */
  G_SINGLE("G-single", "read skew"),
  /** The same where that one is of a range read and a key it did not find. */
  G_SINGLE_PREDICATE("G-single-predicate", "read skew, phantom"),
  /** A cycle with anti-dependencies of which no two follow on each other. */
  G_NONADJACENT("G-nonadjacent", "long fork"),
  /** A cycle in which two anti-dependencies follow on each other, all by keys. */
  G2_ITEM("G2-item", "write skew"),
  /** The same where one is of a range read and a key it did not find. */
  G2("G2", "write skew by a phantom"),
  /** Write dependencies against real time. */
  G0_REALTIME("G0-realtime", "writes in another order than real time"),
  /** Reads of what only later was begun. */
  G1C_REALTIME("G1c-realtime", "a read from the future"),
  /** Somebody did not see what had been acknowledged before he began. */
  G_SINGLE_REALTIME("G-single-realtime", "stale read"),
  /** A cycle of anti-dependencies apart and real time. */
  G_NONADJACENT_REALTIME("G-nonadjacent-realtime", "long fork against real time"),
  /** A cycle of neighbouring anti-dependencies and real time. */
  G2_REALTIME("G2-realtime", "write skew against real time"),
  /** No order of the operations on one key explains what they returned. */
  NOT_LINEARIZABLE("not-linearizable", "no order explains a register"),
  /** An acknowledged write is not there at the end. */
  LOST_WRITE("lost-write", "an acknowledged commit was lost"),
  /** Some writes of a transaction are there at the end, others are not. */
  HALF("half", "a transaction is half there"),
  /** A sum that never changes was seen changed. */
  TOTAL("total", "money was made or lost"),
  /** A counter shows what no set of its increments can. */
  COUNTER("counter", "a counter is out of its bounds"),
  /** The history does not allow a judgement. */
  UNKNOWN("unknown", "the history cannot be judged");

  private final String code;
  private final String meaning;

  AnomalyKind(String code, String meaning) {
    this.code = code;
    this.meaning = meaning;
  }

  /** Its name in the literature. */
  public String code() {
    return code;
  }

  @Override
  public String toString() {
    return code + " (" + meaning + ")";
  }
}
