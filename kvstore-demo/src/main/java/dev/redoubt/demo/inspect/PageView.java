package dev.redoubt.demo.inspect;

import dev.redoubt.buffer.PageLayout;
import dev.redoubt.demo.output.Fields;
import dev.redoubt.demo.output.Json;
import dev.redoubt.demo.output.Text;
import dev.redoubt.kv.NodeView;
import dev.redoubt.recovery.StoredPage;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A page for people.
 *
 * @param page as it stands on disk
 * @param pageSize its length in bytes
 * @param type name of its type, or what is known of it
 * @param node what it holds, if it is a node of a tree
 */
public record PageView(StoredPage page, int pageSize, String type, @Nullable NodeView node) {
  /** Header fields, then the slots. */
  public String text() {
    if (page.neverWritten()) {
      return "page " + page.pageId() + " was never written\n";
    }
    Fields fields =
        new Fields()
            .add("page", page.pageId() + ", at byte " + page.pageId() * pageSize + " of 'pages'")
            .add("checksum", checksum())
            .add("type", PageLayout.type(bytes()) + " (" + type + ")")
            .add("format version", PageLayout.version(bytes()))
            .add("page id", PageLayout.pageId(bytes()))
            .add("pageLSN", PageLayout.pageLsn(bytes()))
            .add("owner", Integer.toUnsignedString(PageLayout.owner(bytes())));
    StringBuilder text = new StringBuilder(fields.toString());
    if (node != null) {
      text.append(text(node));
    }
    return text.toString();
  }

  private static String text(NodeView node) {
    StringBuilder text =
        new StringBuilder(
            new Fields()
                .add("level", node.level() == 0 ? "0, a leaf" : node.level())
                .add("lower fence", Objects.requireNonNullElse(node.lowerFence(), "none"))
                .add("upper fence", Objects.requireNonNullElse(node.upperFence(), "none"))
                .add("shared prefix", Text.bytes(node.prefixBytes()))
                .add("free", Text.bytes(node.freeBytes()))
                .add("slots", node.slots().size())
                .toString());
    if (node.level() > 0) {
      text.append("      below: page ").append(node.leftChild()).append('\n');
    }
    for (int i = 0; i < node.slots().size(); i++) {
      NodeView.Slot slot = node.slots().get(i);
      text.append(Text.right(Integer.toString(i), 5)).append(' ').append(slot.key());
      text.append(node.level() > 0 ? ": page " + slot.child() : value(slot)).append('\n');
    }
    return text.toString();
  }

  private static String value(NodeView.Slot slot) {
    String where = slot.overflow() ? " in pages of their own" : "";
    return ": " + Text.bytes(slot.valueBytes()) + where + (slot.ghost() ? ", deleted" : "");
  }

  /** The same as a JSON object. */
  public Map<String, @Nullable Object> json() {
    if (page.neverWritten()) {
      return Json.object("page", page.pageId(), "neverWritten", true);
    }
    return Json.object(
        "page", page.pageId(),
        "neverWritten", false,
        "offset", page.pageId() * pageSize,
        "ok", page.problem() == null,
        "problem", page.problem(),
        "type", PageLayout.type(bytes()),
        "typeName", type,
        "formatVersion", PageLayout.version(bytes()),
        "pageId", PageLayout.pageId(bytes()),
        "pageLsn", PageLayout.pageLsn(bytes()),
        "owner", Integer.toUnsignedLong(PageLayout.owner(bytes())),
        "node", node);
  }

  private MemorySegment bytes() {
    return page.bytes();
  }

  private String checksum() {
    String value = Integer.toHexString(PageLayout.checksum(bytes()));
    return page.problem() == null ? value + ", right" : "WRONG: " + page.problem();
  }
}
