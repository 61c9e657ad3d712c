package dev.redoubt.crash.sim;

import dev.redoubt.kv.Codecs;
import dev.redoubt.kv.Tree;
import dev.redoubt.kv.TreeDef;
import dev.redoubt.kv.WriteTx;
import java.util.Locale;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** The changes of one transaction: transfers, appends, keys of the client's own. */
final class StoreWrites {
  static final TreeDef<String, Long> ACCOUNTS = TreeDef.of("accounts", Codecs.UTF_8, Codecs.INT64);
  static final TreeDef<String, String> LISTS = TreeDef.of("lists", Codecs.UTF_8, Codecs.UTF_8);
  static final TreeDef<String, String> OWN = TreeDef.of("own", Codecs.UTF_8, Codecs.UTF_8);
  static final TreeDef<String, Long> COUNTERS = TreeDef.of("counters", Codecs.UTF_8, Codecs.INT64);
  static final TreeDef<String, Long> PAIRS = TreeDef.of("pairs", Codecs.UTF_8, Codecs.INT64);

  static final int SHARED = 6;
  private static final int OWN_KEYS = 40;
  private static final int LARGE = 9000;

  private final WriteTx tx;
  private final Ledger.Entry entry;
  private final SplittableRandom random;

  StoreWrites(WriteTx tx, Ledger.Entry entry, SplittableRandom random) {
    this.tx = tx;
    this.entry = entry;
    this.random = random;
  }

  static String counterOf(int client) {
    return "client-" + client;
  }

  static String shared(String kind, int index) {
    return kind + "-" + index;
  }

  /** One to four changes, or many. */
  void some() {
    int count = random.nextInt(12) == 0 ? 30 : 1 + random.nextInt(4);
    for (int i = 0; i < count; i++) {
      switch (random.nextInt(8)) {
        case 0, 1 -> transfer();
        case 2, 3 -> append();
        case 4 -> pair();
        default -> own();
      }
    }
  }

  /** The last change: it says that the transaction is there. */
  void counter() {
    tx.tree(COUNTERS).put(counterOf(entry.client), (long) entry.number);
  }

  private void transfer() {
    long amount = 1L + random.nextInt(50);
    add(shared("account", random.nextInt(SHARED)), -amount);
    add(shared("account", random.nextInt(SHARED)), amount);
  }

  private void add(String key, long amount) {
    Tree<String, Long> accounts = tx.tree(ACCOUNTS);
    @Nullable Long balance = accounts.get(key);
    accounts.put(key, (balance == null ? 0 : balance) + amount);
    entry.effects.add(new Ledger.Effect.Add(key, amount));
  }

  private void append() {
    String key = shared("list", random.nextInt(SHARED));
    String element = entry.client + "." + entry.number + "." + entry.effects.size();
    Tree<String, String> lists = tx.tree(LISTS);
    @Nullable String before = lists.get(key);
    lists.put(key, before == null ? element : before + " " + element);
    entry.effects.add(new Ledger.Effect.Append(key, element));
  }

  /** Reads two and writes one: the two are never both zero if transactions are serializable. */
  void pair() {
    int index = random.nextInt(SHARED);
    Tree<String, Long> pairs = tx.tree(PAIRS);
    String left = shared("left", index);
    String right = shared("right", index);
    if (pairs.get(left) == null || pairs.get(right) == null) {
      pairs.put(left, 1L);
      pairs.put(right, 1L);
    } else if (isOne(pairs, left) && isOne(pairs, right)) {
      pairs.put(random.nextBoolean() ? left : right, 0L);
    } else {
      pairs.put(isOne(pairs, left) ? right : left, 1L);
    }
  }

  private static boolean isOne(Tree<String, Long> pairs, String key) {
    Long value = pairs.get(key);
    return value != null && value == 1;
  }

  /** One change that no other client is in the way of. */
  void own() {
    String key =
        String.format(Locale.ROOT, "own-%02d-%03d", entry.client, random.nextInt(OWN_KEYS));
    if (random.nextInt(5) == 0) {
      tx.tree(OWN).remove(key);
      entry.effects.add(new Ledger.Effect.Own(key, null));
      return;
    }
    int length = random.nextInt(25) == 0 ? LARGE : random.nextInt(300);
    String value =
        entry.number + "." + entry.effects.size() + "." + "v".repeat(random.nextInt(length + 1));
    tx.tree(OWN).put(key, value);
    entry.effects.add(new Ledger.Effect.Own(key, value));
  }
}
