package dev.redoubt.crash.disk;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What was called on a disk, in order. Guarded by the disk that owns it. */
final class IoTrace {
  /** How much is recorded. */
  enum Depth {
    NOTHING,
    CALLS,
    CALLS_AND_SITES
  }

  private static final StackWalker WALKER = StackWalker.getInstance();

  private final List<IoEvent> events = new ArrayList<>();
  private Depth depth = Depth.NOTHING;
  private boolean sites;

  void depth(Depth wanted) {
    depth = wanted;
  }

  void nameSites(boolean on) {
    sites = on;
  }

  void add(IoEvent event) {
    if (depth != Depth.NOTHING) {
      events.add(event);
    }
  }

  List<IoEvent> events() {
    return List.copyOf(events);
  }

  /** The method above the door to the disk that made the current call; empty if not asked for. */
  String site() {
    if (depth != Depth.CALLS_AND_SITES && !sites) {
      return "";
    }
    Optional<StackWalker.StackFrame> frame =
        WALKER.walk(frames -> frames.filter(IoTrace::isCaller).findFirst());
    return frame
        .map(f -> simple(f.getClassName()) + "." + simpleMethod(f.getMethodName()))
        .orElse("");
  }

  private static boolean isCaller(StackWalker.StackFrame frame) {
    String name = frame.getClassName();
    return !name.startsWith("dev.redoubt.crash.disk.")
        && !name.startsWith("dev.redoubt.crash.oracle.")
        && !name.startsWith("dev.redoubt.io.")
        && !name.startsWith("java.");
  }

  /** The body of a lambda is a part of the method that it stands in. */
  private static String simpleMethod(String name) {
    String[] parts = name.split("\\$", -1);
    return parts.length == 3 && parts[0].equals("lambda") ? parts[1] : name;
  }

  private static String simple(String className) {
    return className.substring(className.lastIndexOf('.') + 1);
  }
}
