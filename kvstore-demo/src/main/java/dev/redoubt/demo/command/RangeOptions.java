package dev.redoubt.demo.command;

import dev.redoubt.kv.Codecs;
import dev.redoubt.kv.KeyRange;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which keys a command reads: all limits given hold together. */
final class RangeOptions {
  private static final Comparator<String> ORDER = Codecs.UTF_8.comparator();

  @Option(names = "--from", paramLabel = "KEY", description = "First key, included.")
  private @Nullable String from;

  @Option(names = "--to", paramLabel = "KEY", description = "Last key, left out.")
  private @Nullable String to;

  @Option(names = "--prefix", paramLabel = "P", description = "Only keys that start with this.")
  private @Nullable String prefix;

  RangeOptions() {}

  KeyRange<String> range() {
    return range(from, to, prefix);
  }

  static KeyRange<String> range(
      @Nullable String from, @Nullable String to, @Nullable String prefix) {
    String low = from;
    String high = to;
    if (prefix != null && !prefix.isEmpty()) {
      String end = KeyRange.startingWith(Arguments.utf8("--prefix", prefix)).to();
      low = low == null || ORDER.compare(prefix, low) > 0 ? prefix : low;
      high = high == null || (end != null && ORDER.compare(end, high) < 0) ? end : high;
    }
    if (low != null && high != null && ORDER.compare(low, high) > 0) {
      high = low;
    }
    return new KeyRange<>(
        low == null ? null : Arguments.utf8("--from", low),
        true,
        high == null ? null : Arguments.utf8("--to", high),
        false);
  }
}
