package dev.redoubt.kv;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentNavigableMap;
import org.jspecify.annotations.Nullable;

/**
 * What the guide and the README show: their code blocks are regions of this file, which {@link
 * GuideTest} runs and compares.
 */
final class GuideExample {
  // region trees
  static final TreeDef<String, Long> ACCOUNTS = TreeDef.of("accounts", Codecs.UTF_8, Codecs.INT64);

  // end

  // region orders
  record OrderKey(String customer, LocalDate day, int number) {}

  static final TupleCodec<OrderKey> ORDER_KEY = Codecs.record(OrderKey.class);
  static final TreeDef<OrderKey, byte[]> ORDERS = TreeDef.of("orders", ORDER_KEY, Codecs.BYTES);
  // end

  private final List<String> printed = new ArrayList<>();

  /** What the examples have printed. */
  List<String> printed() {
    return printed;
  }

  private void print(@Nullable Object line) {
    printed.add(String.valueOf(line));
  }

  void readme(Path directory) {
    // region readme
    try (Store store = Store.open(directory)) {
      store.write(
          tx -> {
            Tree<String, Long> accounts = tx.tree(ACCOUNTS);
            accounts.put("ann", 70L);
            accounts.put("bob", 30L);
          });
      try (WriteTx tx = store.beginWrite()) {
        Savepoint before = tx.savepoint();
        tx.tree(ACCOUNTS).put("ann", 0L);
        tx.rollbackTo(before);
        tx.commit(Durability.SYNC);
      }
      long total =
          store.read(tx -> tx.tree(ACCOUNTS).stream().mapToLong(Map.Entry::getValue).sum());
      // leave
      print(total);
      // enter
    }
    // end
  }

  void write(Store store) {
    // region write
    store.write(
        tx -> {
          Tree<String, Long> accounts = tx.tree(ACCOUNTS);
          accounts.put("ann", 70L);
          accounts.put("bob", 30L);
          accounts.put("cid", 0L);
        });
    // end
  }

  void read(Store store) {
    // region read
    store.view(
        tx -> {
          ReadTree<String, Long> accounts = tx.tree(ACCOUNTS);
          print(accounts.get("ann")); // 70
          print(accounts.get("eve")); // null
          print(accounts.ceiling("b")); // bob=30
          print(accounts.lower("bob")); // ann=70
          print(accounts.last()); // cid=0
        });
    // end
  }

  void ranges(Store store) {
    // region ranges
    store.view(
        tx -> {
          ReadTree<String, Long> accounts = tx.tree(ACCOUNTS);
          for (Map.Entry<String, Long> each : accounts.range(KeyRange.between("a", "c"))) {
            print(each); // ann=70, bob=30
          }
          print(accounts.descendingStream(KeyRange.atMost("bob")).toList()); // [bob=30, ann=70]
          print(accounts.count(KeyRange.startingWith("b"))); // 1
        });
    // end
  }

  void cursors(Store store) {
    // region cursors
    store.write(
        tx -> {
          Tree<String, Long> accounts = tx.tree(ACCOUNTS);
          Cursor<String, Long> cursor = accounts.cursor();
          if (cursor.ceiling("b")) {
            print(cursor.key() + " has " + cursor.value()); // bob has 30
          }
          accounts.put("bud", 5L);
          while (cursor.next()) {
            print(cursor.key()); // bud, which it meets since it was put in front of it, and cid
          }
          cursor.previous();
          print(cursor.entry()); // cid=0
        });
    // end
  }

  void map(Store store) {
    // region map
    ConcurrentNavigableMap<String, Long> accounts = store.map(ACCOUNTS);
    accounts.putIfAbsent("dan", 0L);
    accounts.merge("dan", 25L, Long::sum);
    print(accounts.headMap("c")); // {ann=70, bob=30, bud=5}
    print(accounts.descendingMap().firstKey()); // dan
    // end
  }

  void orders(Store store) {
    // region codecs
    store.write(
        tx -> {
          Tree<OrderKey, byte[]> orders = tx.tree(ORDERS);
          orders.put(new OrderKey("ann", LocalDate.of(2026, 3, 1), 7), new byte[] {1});
          orders.put(new OrderKey("ann", LocalDate.of(2026, 2, 1), 8), new byte[] {2, 2});
          orders.put(new OrderKey("bob", LocalDate.of(2026, 1, 1), 9), new byte[] {3, 3, 3});
          KeyRange<OrderKey> ofAnn = ORDER_KEY.startingWith("ann");
          print(orders.stream(ofAnn).map(each -> each.getKey().number()).toList()); // [8, 7]
        });
    // end
  }

  void zeroCopy(Store store) {
    // region zerocopy
    store.view(
        tx -> {
          ReadTree<OrderKey, byte[]> orders = tx.tree(ORDERS);
          long[] sum = {0};
          orders.scanBytes(
              KeyRange.all(),
              (key, value) -> {
                sum[0] += value.get(ValueLayout.JAVA_BYTE, 0);
                return true; // go on
              });
          print(sum[0]); // 6
          OrderKey last = new OrderKey("bob", LocalDate.of(2026, 1, 1), 9);
          print(orders.readBytes(last, MemorySegment::byteSize)); // 3
        });
    // end
  }
}
