package dev.redoubt.crash.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.crash.plant.PlantingLoader;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Bugs of concurrency are planted one at a time; simulation must find every one. */
@Tag("simulation")
class SimPlantTest {
  /** Held, or its level would be forgotten: wrong engines complain at length. */
  private static final Logger ENGINE = Logger.getLogger("dev.redoubt");

  @BeforeAll
  static void prepare() {
    SimSuite.prepare();
    ENGINE.setLevel(Level.OFF);
  }

  /** Whoever installed last is the one who simulates: this loader again. */
  @AfterEach
  void takeBack() {
    SimJvm.installForRedoubt();
  }

  @Test
  void findsEveryBug() {
    List<SimPlants.Plant> plants = SimPlants.all();
    assertTrue(plants.size() >= 9, "bugs: " + plants.size());
    List<String> escaped = new ArrayList<>();
    for (SimPlants.Plant plant : plants) {
      long began = System.nanoTime();
      PlantingLoader loader =
          new PlantingLoader("dev.redoubt.", plant.bug(), SimPlantTest.class.getClassLoader());
      String found =
          loader
              .function(SimHunt.class.getName())
              .apply(plant.subject() + " " + SimPlants.SEED + " " + SimPlants.RUNS);
      loader.requirePlanted();
      assertEquals(Set.of(), loader.unreached(), plant.bug().name());
      long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
      System.out.printf(
          Locale.ROOT, "%-28s %-7s %6d ms  %s%n", plant, plant.subject(), millis, brief(found));
      if (found.indexOf(' ') < 0) {
        escaped.add(plant.bug().name());
      }
    }
    assertEquals(List.of(), escaped);
  }

  private static String brief(String text) {
    return text.length() > 160 ? text.substring(0, 160) + "…" : text;
  }
}
