package dev.redoubt.benchmarks;

import java.util.Arrays;
import java.util.Locale;

/** The stores that are measured side by side. Each class says with which options. */
enum Peers {
  REDOUBT("redoubt", true, RedoubtPeer::new),
  ROCKSDB("rocksdb", false, setup -> RocksPeer.transactions(setup)),
  ROCKSDB_BATCH("rocksdb-batch", false, setup -> RocksPeer.batches(setup)),
  LMDB("lmdb", false, LmdbPeer::new),
  SQLITE("sqlite", false, SqlitePeer::new),
  JE("je", true, JePeer::new),
  MVSTORE("mvstore", true, MvStorePeer::new);

  /** Opens a peer. */
  interface Opener {
    Peer open(Peer.Setup setup) throws Exception;
  }

  private final String label;
  private final boolean virtualThreads;

  @SuppressWarnings("ImmutableEnumChecker") // the openers capture nothing
  private final Opener opener;

  Peers(String label, boolean virtualThreads, Opener opener) {
    this.label = label;
    this.virtualThreads = virtualThreads;
    this.opener = opener;
  }

  String label() {
    return label;
  }

  /** Whether virtual threads wait in Java; in native code they would keep their carriers. */
  boolean virtualThreads() {
    return virtualThreads;
  }

  Peer open(Peer.Setup setup) throws Exception {
    return opener.open(setup);
  }

  static Peers of(String label) {
    for (Peers each : values()) {
      if (each.label.equals(label.toLowerCase(Locale.ROOT))) {
        return each;
      }
    }
    throw new IllegalArgumentException(
        "no peer '"
            + label
            + "'; known: "
            + String.join(", ", Arrays.stream(values()).map(Peers::label).toList()));
  }
}
