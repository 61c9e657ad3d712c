package dev.redoubt.demo.command;

import dev.redoubt.demo.output.Json;
import dev.redoubt.kv.Store;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code redoubt get}. */
@Command(
    name = "get",
    header = "Print the value of a key.",
    description = "Print the value of a key. Never creates a store.")
final class GetCommand extends ReadCommand {
  @Parameters(index = "1", paramLabel = "KEY", description = "The key.")
  private String key;

  @Mixin private TreeOption tree;

  GetCommand() {}

  @Override
  int run(Store store) {
    String wanted = Arguments.utf8("KEY", key);
    if (!tree.existsIn(store)) {
      return answer(wanted, null, tree.missing(store));
    }
    Optional<String> value = store.read(tx -> tx.tree(tree.definition()).find(wanted));
    return answer(
        wanted, value.orElse(null), "no key '" + wanted + "' in tree '" + tree.name() + "'");
  }

  private int answer(String wanted, @Nullable String value, String whenMissing) {
    boolean found = value != null;
    print(
        Json.object("tree", tree.name(), "key", wanted, "found", found, "value", value),
        value == null ? "" : value + "\n");
    if (!found) {
      note(whenMissing);
    }
    return found ? ExitCode.OK : ExitCode.NO;
  }
}
