package dev.redoubt.kv;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class KeyTableTest {
  @Test
  void keysAreEqualByTreeAndBytes() {
    KeyRef a = new KeyRef(1, new byte[] {1, 2});
    assertEquals(a, new KeyRef(1, new byte[] {1, 2}));
    assertEquals(a.hashCode(), new KeyRef(1, new byte[] {1, 2}).hashCode());
    assertFalse(a.equals(new KeyRef(2, new byte[] {1, 2})));
    assertFalse(a.equals(new KeyRef(1, new byte[] {1})));
  }

  @Test
  void aHorizonHasPassedWhenAllWhoCameBeforeHaveLeft() {
    Horizon horizon = new Horizon();
    long first = horizon.enter();
    long stamp = horizon.stamp();
    long later = horizon.enter();
    assertFalse(horizon.passed(stamp));
    horizon.leave(first);
    assertTrue(horizon.passed(stamp));
    horizon.leave(later);
    assertEquals(0, horizon.openTransactions());
  }
}
