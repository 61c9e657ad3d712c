package dev.redoubt.demo.command;

import dev.redoubt.demo.load.HexCodec;
import dev.redoubt.demo.load.Input;
import dev.redoubt.demo.load.LoadListener;
import dev.redoubt.demo.load.LoadOptions;
import dev.redoubt.demo.load.LoadResult;
import dev.redoubt.demo.load.Loader;
import dev.redoubt.demo.output.InputException;
import dev.redoubt.demo.output.Json;
import dev.redoubt.demo.output.Progress;
import dev.redoubt.demo.output.ProgressBar;
import dev.redoubt.demo.output.Text;
import dev.redoubt.demo.store.Stores;
import dev.redoubt.kv.Store;
import dev.redoubt.kv.TreeDef;
import dev.redoubt.recovery.RecoveryListener;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code redoubt load}. */
@Command(
    name = "load",
    header = "Load tab-separated keys and values from a file.",
    description = {
      "Load lines of the form key, tab, value: UTF-8, everything after the first tab is the value;"
          + " lines that start with '#' and empty lines are passed over. Creates the store and the"
          + " tree if missing.",
      "A bad line (no tab, empty key, not UTF-8, too large) ends the load: nothing of its batch is"
          + " committed, and the message says how many lines are durable."
    })
final class LoadCommand extends StoreCommand {
  private static final String TEXT_CODEC = "utf-8";

  @Parameters(
      index = "1",
      paramLabel = "FILE",
      description = "Text, gzipped if it ends in .gz; '-' for standard input.")
  private String file;

  @Mixin private TreeOption tree;

  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "1000",
      description = "Entries in a transaction, at most (default: ${DEFAULT-VALUE}).")
  private int batch;

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "1",
      description = {
        "Transactions committed at the same time (default: ${DEFAULT-VALUE}). With several, the"
            + " order of two lines with the same key is not kept."
      })
  private int threads;

  @Option(
      names = "--acks",
      description = {
        "After each acknowledged commit print the largest n such that lines 1 to n are durable;"
            + " it never falls, and stands still while an earlier batch is under way."
      })
  private boolean acks;

  @Option(names = "--skip-bad", description = "Leave bad lines out and count them.")
  private boolean skipBad;

  @Option(
      names = "--page-size",
      paramLabel = "BYTES",
      defaultValue = "0",
      description = "Of a new store: 4096 to 65536 (default: 8192). An existing one must have it.")
  private int pageSize;

  @Option(
      names = "--hex",
      description = "Keys and values are hexadecimal digits, as 'redoubt salvage' writes them.")
  private boolean hex;

  @Option(
      names = "--key-codec",
      paramLabel = "C",
      description = "With --hex: codec of the keys' bytes (default: " + TEXT_CODEC + ").")
  private @Nullable String keyCodec;

  @Option(
      names = "--value-codec",
      paramLabel = "C",
      description = "With --hex: codec of the values' bytes (default: " + TEXT_CODEC + ").")
  private @Nullable String valueCodec;

  LoadCommand() {}

  @Override
  int call(Path where) {
    LoadOptions options = new LoadOptions(into(), hex, batch, threads, skipBad);
    // The input first: a wrong file name must not create a store.
    try (Input input = Input.open(file, in());
        Store store = open(where)) {
      LoadResult result = load(store, options, input);
      print(Json.members(result), text(result));
      return ExitCode.OK;
    }
  }

  private TreeDef<String, String> into() {
    if (hex) {
      return HexCodec.tree(
          tree.name(),
          Objects.requireNonNullElse(keyCodec, TEXT_CODEC),
          Objects.requireNonNullElse(valueCodec, TEXT_CODEC));
    }
    if (keyCodec != null || valueCodec != null) {
      throw new InputException(
          "usage", "--key-codec and --value-codec are for --hex; text goes in as " + TEXT_CODEC);
    }
    return tree.definition();
  }

  @Override
  Store openStore(Path where, RecoveryListener listener) {
    return Stores.openOrCreate(where, pageSize, listener);
  }

  @Override
  int run(Store store) {
    throw new AssertionError("load opens its input before the store");
  }

  private LoadResult load(Store store, LoadOptions options, Input input) {
    PrintWriter out = out();
    try (Progress bar = ProgressBar.on(terminal(), err(), "load", "entries")) {
      LoadListener listener =
          (lines, entries) -> {
            if (acks) {
              out.println(json() ? Json.of(Json.object("durableLines", lines)) : lines);
              out.flush();
            }
            bar.update(input.fraction(), entries);
          };
      return new Loader(store, options, listener).load(input.stream());
    }
  }

  private static String text(LoadResult result) {
    String skipped =
        result.skipped() == 0 ? "" : ", " + Text.count(result.skipped(), "bad line") + " left out";
    return "loaded "
        + Text.count(result.entries(), "entry", "entries")
        + " from "
        + Text.count(result.lines(), "line")
        + skipped
        + " in "
        + Text.count(result.transactions(), "transaction")
        + ", "
        + Text.duration(result.time())
        + " ("
        + Text.rate(result.entries(), result.time())
        + ")";
  }
}
