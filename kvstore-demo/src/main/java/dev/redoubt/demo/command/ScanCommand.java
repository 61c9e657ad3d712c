package dev.redoubt.demo.command;

import dev.redoubt.demo.output.InputException;
import dev.redoubt.demo.output.Json;
import dev.redoubt.kv.KeyRange;
import dev.redoubt.kv.ReadTree;
import dev.redoubt.kv.Store;
import java.io.PrintWriter;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code redoubt scan}. */
@Command(
    name = "scan",
    header = "Print entries in the order of their keys.",
    description = {
      "Print entries in the order of their keys: key, tab, value (what load reads).",
      "With --json one object a line."
    })
final class ScanCommand extends ReadCommand {
  /** Lines after which it is checked whether anybody still reads. */
  private static final int CHECK_LINES = 1000;

  @Mixin private TreeOption tree;

  @Mixin private RangeOptions range;

  @Option(names = "--reverse", description = "From the last key to the first.")
  private boolean reverse;

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "" + Long.MAX_VALUE,
      description = "At most so many entries.")
  private long limit;

  ScanCommand() {}

  @Override
  int run(Store store) {
    if (limit < 0) {
      throw new InputException("usage", "--limit " + limit + "; at least 0");
    }
    KeyRange<String> keys = range.range();
    store.read(
        tx -> {
          ReadTree<String, String> entries = tx.tree(tree.existing(store));
          write(reverse ? entries.descending(keys) : entries.range(keys));
          return true;
        });
    out().flush();
    return ExitCode.OK;
  }

  private void write(Iterable<Map.Entry<String, String>> entries) {
    PrintWriter out = out();
    long written = 0;
    if (limit == 0) {
      return;
    }
    for (Map.Entry<String, String> entry : entries) {
      if (json()) {
        out.println(Json.of(Json.object("key", entry.getKey(), "value", entry.getValue())));
      } else {
        out.print(entry.getKey() + '\t' + entry.getValue() + '\n');
      }
      written++;
      // checkError is how a PrintWriter says that the reader has gone (scan ... | head).
      if (written == limit || (written % CHECK_LINES == 0 && out.checkError())) {
        return;
      }
    }
  }
}
