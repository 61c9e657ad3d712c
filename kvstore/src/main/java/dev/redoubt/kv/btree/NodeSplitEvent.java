package dev.redoubt.kv.btree;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Threshold;
import org.jspecify.annotations.Nullable;

/** JFR event: a tree got a node more. See {@code docs/observing.md}. */
@Name("dev.redoubt.NodeSplit")
@Label("Node Split")
@Category({"Redoubt", "Store"})
@Description("A node was split, or the root moved its contents down; lasts with all waits for it")
@StackTrace(false)
@Threshold("1 ms")
final class NodeSplitEvent extends Event {
  private static final NodeSplitEvent PROBE = new NodeSplitEvent();

  @Label("Tree")
  int treeId;

  @Label("Level")
  @Description("Of the node that was full; 0 is a leaf")
  int level;

  @Label("New Page")
  long newPageId;

  @Label("Root")
  @Description("The tree became one level higher: the new page took all that the root held")
  boolean root;

  /** One that has begun, if anybody records such events; allocates nothing else. */
  static @Nullable NodeSplitEvent beginIfOn() {
    if (!PROBE.isEnabled()) {
      return null;
    }
    NodeSplitEvent event = new NodeSplitEvent();
    event.begin();
    return event;
  }

  static void end(NodeSplitEvent event, int treeId, int level, long newPageId, boolean root) {
    event.treeId = treeId;
    event.level = level;
    event.newPageId = newPageId;
    event.root = root;
    event.commit();
  }
}
