package dev.redoubt.crash.sweep;

import dev.redoubt.crash.disk.IoEvent;
import java.util.Map;
import java.util.TreeMap;

/** Counts crash states by what was about to happen: kind of call, kind of file, phase of life. */
public final class Coverage {
  private final TreeMap<String, Long> states = new TreeMap<>();

  /** Nothing counted yet. */
  public Coverage() {}

  void count(int depth, IoEvent event) {
    String life = depth == 0 ? event.phase() : "recovery " + depth;
    String key = life + " | " + event.kind() + " " + fileClass(event.file());
    String site = event.site().isEmpty() ? "" : " at " + event.site();
    states.merge(key + site, 1L, Long::sum);
  }

  /** Crash states by place, sorted by place. */
  public Map<String, Long> states() {
    return Map.copyOf(states);
  }

  /** A file's name without its numbers. */
  private static String fileClass(String file) {
    return file.replaceAll("[0-9a-f]{6,}", "*").replaceAll("[0-9]+", "*");
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    states.forEach((place, count) -> text.append(String.format("%9d  %s%n", count, place)));
    return text.toString();
  }
}
