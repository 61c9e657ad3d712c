package dev.redoubt.kv;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class KeyTableTest {
  @Test
  void keysAreEqualByTreeAndBytes() {
    KeyRef a = new KeyRef(1, new byte[] {1, 2});
    assertTrue(a.is(new KeyRef(1, new byte[] {1, 2})));
    assertEquals(a.hash(), new KeyRef(1, new byte[] {1, 2}).hash());
    assertFalse(a.is(new KeyRef(2, new byte[] {1, 2})));
    assertFalse(a.is(new KeyRef(1, new byte[] {1})));
  }

  @Test
  void theHorizonIsTheOldestSnapshotInUse() {
    Snapshots snapshots = new Snapshots();
    assertEquals(9, snapshots.horizon(9));
    List<Snapshot> all = new ArrayList<>();
    for (int i = 0; i < 200; i++) { // more than one block
      Snapshot each = new Snapshot(0);
      snapshots.enter(each);
      assertEquals(Snapshot.PENDING, snapshots.horizon(9), "nothing goes while one is taken");
      assertTrue(snapshots.anyWithin(1, 2, 9));
      assertTrue(each.moveTo(300 - i));
      all.add(each);
    }
    assertEquals(200, snapshots.count());
    assertEquals(101, snapshots.horizon(999));
    assertEquals(50, snapshots.horizon(50), "as old as one that can still be taken");
    assertTrue(snapshots.anyWithin(101, 102, 999));
    assertFalse(snapshots.anyWithin(50, 101, 999));
    assertTrue(snapshots.anyWithin(301, 1000, 999));
    Snapshot oldest = Objects.requireNonNull(snapshots.oldest());
    assertEquals(101, oldest.at());
    assertTrue(oldest.giveUp(101));
    assertFalse(oldest.moveTo(400));
    assertThrows(SnapshotTooOldException.class, oldest::check);
    assertEquals(102, snapshots.horizon(999));
    all.forEach(snapshots::leave);
    assertEquals(0, snapshots.count());
    assertEquals(999, snapshots.horizon(999));
  }
}
