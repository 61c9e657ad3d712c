package dev.redoubt.kv;

import static dev.redoubt.kv.GuideExample.ACCOUNTS;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the guide shows of writing; {@link GuideWritingTest} runs it, {@link GuideTest} compares.
 */
final class GuideWritingExample {
  // region files
  static final TreeDef<String, byte[]> FILES = TreeDef.of("files", Codecs.UTF_8, Codecs.BYTES);

  // end

  private final List<String> printed = new ArrayList<>();

  /** What the examples have printed. */
  List<String> printed() {
    return printed;
  }

  private void print(@Nullable Object line) {
    printed.add(String.valueOf(line));
  }

  void compute(Store store) {
    // region compute
    store.write(
        tx -> {
          Tree<String, Long> accounts = tx.tree(ACCOUNTS);
          print(accounts.putIfAbsent("ann", 1L)); // 70
          print(accounts.merge("bob", 5L, Long::sum)); // 35
          print(accounts.compute("cid", (key, old) -> old == null ? 1L : null)); // null
          print(accounts.replace("ann", 70L, 60L)); // true
          print(accounts.addAndGet("ann", 2)); // 62
        });
    // end
  }

  void add(Store store) {
    // region add
    store.write(
        tx -> {
          tx.tree(ACCOUNTS).add("ann", -10);
          tx.tree(ACCOUNTS).add("bob", 10);
        });
    // end
  }

  void savepoint(Store store) {
    // region savepoint
    try (WriteTx tx = store.beginWrite()) {
      Tree<String, Long> accounts = tx.tree(ACCOUNTS);
      accounts.put("eve", 0L);
      Savepoint before = tx.savepoint();
      print(accounts.removeRange(KeyRange.lessThan("c"))); // 2
      tx.rollbackTo(before);
      tx.commit();
    }
    // end
  }

  void async(Store store) {
    // region async
    WriteTx tx = store.beginWrite();
    tx.tree(ACCOUNTS).put("fay", 1L);
    CompletionStage<CommitInfo> durable = tx.commitAsync();
    durable.thenAccept(info -> print(info.commitLsn() > 0)); // true
    // end
  }

  void drop(Store store) {
    // region drop
    store.write(tx -> print(tx.dropTree("files"))); // true
    // end
  }

  void load(Store store, Stream<Map.Entry<String, Long>> source) {
    // region load
    Comparator<String> order = Codecs.UTF_8.comparator();
    List<Map.Entry<String, Long>> sorted = source.sorted(Map.Entry.comparingByKey(order)).toList();
    store.write(
        tx -> {
          tx.tree(ACCOUNTS).clear();
          print(tx.tree(ACCOUNTS).bulkLoad(sorted.iterator())); // 3
        });
    // end
  }

  void stream(Store store, InputStream photo, long lengthBytes) throws IOException {
    // region stream
    store.write(tx -> tx.tree(FILES).putStream("photo", photo, lengthBytes));
    // end
  }
}
