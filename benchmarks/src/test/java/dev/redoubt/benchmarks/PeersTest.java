package dev.redoubt.benchmarks;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PeersTest {
  private static final int ENTRIES = 500;
  private static final byte[] VALUE = "a value".getBytes(java.nio.charset.StandardCharsets.UTF_8);

  @ParameterizedTest
  @EnumSource
  void everyPeerGivesBackWhatItWasGivenInKeyOrder(Peers which, @TempDir Path dir) throws Exception {
    byte[][] sorted = Keys.sorted(ENTRIES);
    Peer.Setup setup = new Peer.Setup(dir, true, 16L << 20, false);
    try (Peer peer = which.open(setup)) {
      peer.load(sorted);
      peer.settle();
      try (Peer.Session session = peer.session()) {
        session.put(sorted[7], VALUE);
        assertArrayEquals(VALUE, session.get(sorted[7]));
        assertNull(session.get(Keys.key(ENTRIES)));
        assertEquals(100, session.scan(sorted[0], 100));
        assertEquals(20, session.scan(sorted[ENTRIES - 20], 100));
      }
    }
    try (Peer peer = which.open(setup);
        Peer.Session session = peer.session()) {
      assertArrayEquals(VALUE, session.get(sorted[7]));
      assertEquals(ENTRIES, session.scan(new byte[Keys.KEY_BYTES], Integer.MAX_VALUE));
    }
  }
}
