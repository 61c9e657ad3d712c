package dev.redoubt.benchmarks;

import java.util.LinkedHashMap;
import java.util.Map;

/** Peers that are open together and closed together. */
final class OpenPeers implements AutoCloseable {
  /** What is done with each peer. */
  interface Use {
    void with(String name, Peer peer) throws Exception;
  }

  private final Map<String, Peer> peers = new LinkedHashMap<>();

  private OpenPeers() {}

  static OpenPeers open(Map<Peers, Peer.Setup> setups) throws Exception {
    OpenPeers open = new OpenPeers();
    try {
      for (Map.Entry<Peers, Peer.Setup> each : setups.entrySet()) {
        open.peers.put(each.getKey().label(), each.getKey().open(each.getValue()));
      }
      return open;
    } catch (Exception e) {
      try (open) {
        throw e;
      }
    }
  }

  void each(Use use) throws Exception {
    for (Map.Entry<String, Peer> each : peers.entrySet()) {
      use.with(each.getKey(), each.getValue());
    }
  }

  @Override
  public void close() {
    for (Peer each : peers.values()) {
      each.close();
    }
  }
}
