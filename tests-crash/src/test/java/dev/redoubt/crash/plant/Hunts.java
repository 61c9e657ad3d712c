package dev.redoubt.crash.plant;

import java.util.function.Function;

/**
 * Runs a hunt inside a {@link PlantingLoader}: the text in is the name of the hunt and a seed, the
 * text out how much was tried, and after a space what was found wrong, if anything was.
 */
public final class Hunts implements Function<String, String> {
  /** Made by the loader. */
  public Hunts() {}

  @Override
  public String apply(String what) {
    String[] words = what.split(" ", -1);
    Hunt.Finding finding = Hunt.valueOf(words[0]).run(Long.parseLong(words[1]));
    return finding.tried() + (finding.what() == null ? "" : " " + finding.what());
  }

  /** For a person: {@code main HUNT seed}, on the engine as it is. */
  public static void main(String... words) {
    System.out.println(new Hunts().apply(String.join(" ", words)));
  }
}
