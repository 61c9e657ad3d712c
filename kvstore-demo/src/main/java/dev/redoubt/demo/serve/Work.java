package dev.redoubt.demo.serve;

import dev.redoubt.demo.output.InputException;
import dev.redoubt.kv.KeyRange;
import dev.redoubt.kv.TreeDef;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A request that reads or writes keys, in the open transaction or in one of its own.
 *
 * @param writes whether it needs a transaction that may write
 * @param body does it
 */
record Work(boolean writes, Body body) {
  /** What the client is told when the work has been done, and committed if it stood alone. */
  @FunctionalInterface
  interface Reply {
    void to(Replies replies) throws IOException;
  }

  /** Does the work in a transaction; only scans write replies on the way. */
  @FunctionalInterface
  interface Body {
    Reply run(OpenTransaction tx, TreeDef<String, String> tree, Replies replies) throws IOException;
  }

  private static final long ALL = Long.MAX_VALUE;

  /**
   * The work of a request.
   *
   * @throws InputException if there is no such request, or its words make no sense
   */
  static Work of(String verb, List<String> words) {
    return switch (verb) {
      case "get" -> get(Conversation.expect(1, 1, "get KEY", words));
      case "put" -> put(Conversation.expect(2, 2, "put KEY VALUE", words));
      case "remove" -> remove(Conversation.expect(1, 1, "remove KEY", words));
      case "add" -> add(Conversation.expect(2, 2, "add KEY NUMBER", words));
      case "append" -> append(Conversation.expect(2, 2, "append KEY TEXT", words));
      case "scan" -> scan(Conversation.expect(0, 3, "scan [FROM [TO [LIMIT]]]", words), false);
      case "scan-down" ->
          scan(Conversation.expect(0, 3, "scan-down [FROM [TO [LIMIT]]]", words), true);
      default ->
          throw new InputException(
              "bad-request",
              "'"
                  + verb
                  + "' is no request; there are begin, get, put, remove, add, append, scan,"
                  + " scan-down, savepoint, rollback-to, commit, rollback, use, checkpoint, verify,"
                  + " ping, quit");
    };
  }

  private static Work get(List<String> words) {
    String key = words.getFirst();
    return new Work(false, (tx, tree, _) -> found(tx.reading(tree).get(key)));
  }

  private static Work put(List<String> words) {
    return new Work(
        true,
        (tx, tree, _) -> {
          tx.writing(tree).put(words.getFirst(), words.getLast());
          return Replies::ok;
        });
  }

  private static Work remove(List<String> words) {
    String key = words.getFirst();
    return new Work(true, (tx, tree, _) -> found(tx.writing(tree).remove(key)));
  }

  private static Work add(List<String> words) {
    String key = words.getFirst();
    long delta = number(words.getLast());
    return new Work(
        true,
        (tx, tree, _) -> {
          String sum =
              tx.writing(tree).compute(key, (_, now) -> sum(now == null ? 0 : number(now), delta));
          return replies -> replies.ok(Objects.requireNonNull(sum));
        });
  }

  private static Work append(List<String> words) {
    String key = words.getFirst();
    return new Work(
        true,
        (tx, tree, _) -> {
          String longer =
              tx.writing(tree)
                  .compute(key, (_, now) -> now == null ? words.getLast() : now + words.getLast());
          return replies -> replies.ok(Objects.requireNonNull(longer).length());
        });
  }

  private static Work scan(List<String> words, boolean descending) {
    KeyRange<String> range = new KeyRange<>(bound(words, 0), true, bound(words, 1), false);
    long limit = words.size() < 3 ? ALL : number(words.get(2));
    return new Work(
        false,
        (tx, tree, replies) -> {
          long count = 0;
          var reading = tx.reading(tree);
          for (Map.Entry<String, String> entry :
              descending ? reading.descending(range) : reading.range(range)) {
            if (count >= limit) {
              break;
            }
            replies.entry(entry.getKey(), entry.getValue());
            count++;
          }
          long entries = count;
          return last -> last.ok(entries);
        });
  }

  /** An empty word, or none, is an open end. */
  private static @Nullable String bound(List<String> words, int index) {
    return words.size() <= index || words.get(index).isEmpty() ? null : words.get(index);
  }

  private static Reply found(@Nullable String value) {
    return value == null ? Replies::none : replies -> replies.ok(value);
  }

  private static long number(String text) {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new InputException("not-a-number", "'" + text + "' is no whole number of 64 bits");
    }
  }

  private static String sum(long a, long b) {
    try {
      return Long.toString(Math.addExact(a, b));
    } catch (ArithmeticException e) {
      throw new InputException("not-a-number", a + " and " + b + " make more than 64 bits");
    }
  }
}
