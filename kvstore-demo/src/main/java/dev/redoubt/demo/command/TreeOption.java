package dev.redoubt.demo.command;

import dev.redoubt.demo.output.InputException;
import dev.redoubt.kv.Codecs;
import dev.redoubt.kv.Store;
import dev.redoubt.kv.TreeDef;
import java.util.List;
import picocli.CommandLine.Option;

/** Which tree a command works on. Trees of the program hold UTF-8 text. */
final class TreeOption {
  @Option(
      names = {"-t", "--tree"},
      paramLabel = "T",
      defaultValue = "main",
      description = "Name of the tree (default: ${DEFAULT-VALUE}).")
  private String tree;

  TreeOption() {}

  String name() {
    return tree;
  }

  TreeDef<String, String> definition() {
    return TreeDef.of(tree, Codecs.UTF_8, Codecs.UTF_8);
  }

  boolean existsIn(Store store) {
    return store.listTrees().contains(tree);
  }

  /** The definition of a tree that must be there. */
  TreeDef<String, String> existing(Store store) {
    if (!existsIn(store)) {
      throw new InputException("no-such-tree", missing(store));
    }
    return definition();
  }

  String missing(Store store) {
    List<String> trees = store.listTrees();
    String there = trees.isEmpty() ? "it has none yet" : "it has: " + String.join(", ", trees);
    return "the store has no tree '" + tree + "'; " + there;
  }
}
