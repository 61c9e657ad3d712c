package dev.redoubt.crash.sweep;

import dev.redoubt.crash.disk.IoEvent;
import dev.redoubt.crash.disk.SimDisk;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** Counts crash states by what was about to happen: kind of call, kind of file, phase of life. */
public final class Coverage {
  private static final Pattern LONG_NUMBER = Pattern.compile("[0-9a-f]{6,}");
  private static final Pattern NUMBER = Pattern.compile("[0-9]+");

  private final TreeMap<String, Long> states = new TreeMap<>();

  /** Nothing counted yet. */
  public Coverage() {}

  void count(int depth, IoEvent event) {
    String phase = event.phase();
    String life = phase;
    if (depth > 0) {
      life = "recovery " + depth + (phase.equals(SimDisk.FIRST_PHASE) ? "" : ": " + phase);
    }
    states.merge(life + " | " + place(event), 1L, Long::sum);
  }

  /** What is called, on what kind of file, and by whom if that is known. */
  public static String place(IoEvent event) {
    String site = event.site().isEmpty() ? "" : " at " + event.site();
    return event.kind() + " " + fileClass(event.file()) + site;
  }

  /** Crash states by place, without the phase of life. */
  public SortedMap<String, Long> places() {
    TreeMap<String, Long> places = new TreeMap<>();
    states.forEach(
        (key, count) -> places.merge(key.substring(key.indexOf(" | ") + 3), count, Long::sum));
    return places;
  }

  /** Adds what another sweep has covered. */
  public void add(Coverage other) {
    other.states.forEach((key, count) -> states.merge(key, count, Long::sum));
  }

  /** Crash states by phase and place, sorted by them. */
  public Map<String, Long> states() {
    return Map.copyOf(states);
  }

  /** A file's name without its numbers. */
  private static String fileClass(String file) {
    return NUMBER.matcher(LONG_NUMBER.matcher(file).replaceAll("*")).replaceAll("*");
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    states.forEach((place, count) -> text.append(String.format("%9d  %s%n", count, place)));
    return text.toString();
  }
}
