package dev.redoubt.crash.plant;

import java.util.List;

/**
 * A planted bug and the parts of the suite that are set on it, the quickest first.
 *
 * @param bug to be found
 * @param hunts one of which finds it
 */
record Case(PlantedBug bug, List<Hunt> hunts) {
  /** One bug for one hunt. */
  static Case of(Hunt hunt, String name, String rule, String does, Patch... patches) {
    return new Case(new PlantedBug(name, rule, does, List.of(patches)), List.of(hunt));
  }
}
