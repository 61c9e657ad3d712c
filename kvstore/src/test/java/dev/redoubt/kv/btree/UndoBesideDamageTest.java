package dev.redoubt.kv.btree;

import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.buffer.PageGuard;
import dev.redoubt.io.CorruptionException;
import dev.redoubt.recovery.Transaction;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

final class UndoBesideDamageTest {
  @Test
  void undoNeedsNoPageButTheKeysOwn() {
    TreeFixture fixture = new TreeFixture(4096, 64);
    Transaction filling = fixture.engine.begin();
    int count = 0;
    while (level(fixture) == 0) {
      fixture.put(filling, key(count++), new byte[100]);
    }
    fixture.commit(filling);
    Transaction tx = fixture.engine.begin();
    for (int i = 0; i < 5; i++) {
      fixture.put(tx, key(count + i), new byte[100]);
    }
    fixture.engine.pool().flushAll();
    fixture.engine.pool().refuse(firstLeaf(fixture), new CorruptionException("a test"));
    tx.rollback(); // leaves a leaf that ought to be merged with the damaged one
    assertNull(fixture.get(key(count)));
    assertTrue(fixture.get(key(count - 1)) != null);
    fixture.engine.abandon();
  }

  private static int level(TreeFixture fixture) {
    try (PageGuard root = fixture.engine.pool().shared(fixture.tree.rootPageId())) {
      return Node.level(root.page());
    }
  }

  private static long firstLeaf(TreeFixture fixture) {
    try (PageGuard root = fixture.engine.pool().shared(fixture.tree.rootPageId())) {
      return Node.child(root.page(), 0);
    }
  }

  private static byte[] key(int number) {
    return ByteBuffer.allocate(4).putInt(number).array();
  }
}
