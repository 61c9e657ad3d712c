package dev.redoubt.demo.command;

import dev.redoubt.demo.output.Fields;
import dev.redoubt.demo.output.Json;
import dev.redoubt.demo.output.Text;
import dev.redoubt.io.StorageException;
import dev.redoubt.kv.Store;
import dev.redoubt.kv.TreeStats;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A line of figures for each tree; a damaged one has its error there. Stateless. */
final class TreeLines {
  private TreeLines() {}

  static void add(Fields fields, Store store, List<String> names) {
    if (names.isEmpty()) {
      fields.add("trees", "none");
    }
    for (String name : names) {
      try {
        TreeStats stats = store.treeStats(name);
        fields.add("tree " + name, stats == null ? "is being dropped" : text(stats));
      } catch (StorageException e) {
        fields.add("tree " + name, "damaged: " + e.getMessage());
      }
    }
  }

  private static String text(TreeStats stats) {
    String about = stats.exact() ? "" : "~";
    return about
        + Text.count(stats.entries(), "entry", "entries")
        + ", "
        + Text.count(stats.innerPages() + stats.leafPages(), "page")
        + ", depth "
        + stats.depth()
        + ", leaves "
        + String.format(Locale.ROOT, "%.0f %%", 100 * stats.fill())
        + " full"
        + (stats.ghosts() == 0 ? "" : ", " + about + Text.count(stats.ghosts(), "ghost"))
        + (stats.overflowPages() == 0
            ? ""
            : ", " + about + Text.count(stats.overflowPages(), "page") + " of large values");
  }

  static List<Map<String, @Nullable Object>> json(Store store, List<String> names) {
    List<Map<String, @Nullable Object>> trees = new ArrayList<>();
    for (String name : names) {
      try {
        TreeStats stats = store.treeStats(name);
        if (stats != null) {
          trees.add(Json.members(stats));
        }
      } catch (StorageException e) {
        trees.add(Json.object("name", name, "damage", Objects.toString(e.getMessage())));
      }
    }
    return trees;
  }
}
