package dev.redoubt.demo.command;

import dev.redoubt.demo.output.Json;
import dev.redoubt.kv.Store;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code redoubt count}. */
@Command(
    name = "count",
    header = "Count the entries of a tree or a range.",
    description = "Print the number of entries of a tree or a range of it.")
final class CountCommand extends ReadCommand {
  @Mixin private TreeOption tree;

  @Mixin private RangeOptions range;

  CountCommand() {}

  @Override
  int run(Store store) {
    long count = store.read(tx -> tx.tree(tree.existing(store)).count(range.range()));
    print(Json.object("tree", tree.name(), "count", count), Long.toString(count));
    return ExitCode.OK;
  }
}
