package dev.redoubt.crash.plant;

import java.util.List;

/**
 * A bug that an engine could have.
 *
 * @param name short, unique, without spaces
 * @param rule that it breaks
 * @param does what it does, in a few words
 * @param patches that make it
 */
public record PlantedBug(String name, String rule, String does, List<Patch> patches) {
  public PlantedBug {
    patches = List.copyOf(patches);
  }
}
