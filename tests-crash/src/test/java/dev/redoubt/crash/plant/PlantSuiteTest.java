package dev.redoubt.crash.plant;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Every planted bug is found; what is not patched is what it was. */
class PlantSuiteTest {
  @Test
  void everyPlantedBugIsFound() throws InterruptedException {
    List<Case> cases = PlantSuite.all();
    assertTrue(cases.size() >= 30, "bugs: " + cases.size());
    List<PlantSuite.Result> results = PlantSuite.run(cases, 1);
    List<String> escaped =
        results.stream()
            .filter(result -> result.foundBy() == null)
            .map(result -> result.bug().name() + ": " + result.said())
            .toList();
    System.out.println(
        "planted bugs found: " + (results.size() - escaped.size()) + " of " + results.size());
    assertEquals(List.of(), escaped, "escaped");
  }

  /** Before any other oracle has a say: what the log says is compared first. */
  @Test
  void interpreterOfTheLogFindsALoserThatIsShown() throws InterruptedException {
    List<Case> cases =
        PlantSuite.all().stream()
            .filter(each -> each.bug().name().equals("loser-seen"))
            .map(each -> new Case(each.bug(), List.of(Hunt.INTERPRETED)))
            .toList();
    List<PlantSuite.Result> results = PlantSuite.run(cases, 1);
    assertEquals(1, results.size());
    String said = results.getFirst().said();
    assertTrue(said.contains("the log says"), said);
  }

  @Test
  void namesOfBugsAreUniqueAndListedInTheDocs() throws IOException {
    String docs = Files.readString(Path.of("../docs/testing.md"));
    Set<String> names = new HashSet<>();
    for (Case each : PlantSuite.all()) {
      assertTrue(names.add(each.bug().name()), each.toString());
      assertTrue(docs.contains("| `" + each.bug().name() + "` |"), "not listed: " + each);
    }
  }

  /** What no wrong engine could do; {@code docs/testing.md} has the reasons. */
  private static final Set<String> NOT_PLANTED = Set.of("S10", "S19");

  @Test
  void everyRuleIsBrokenByABug() {
    Set<String> broken =
        PlantSuite.all().stream()
            .flatMap(each -> Stream.of(each.bug().rule().split(", ", -1)))
            .collect(Collectors.toCollection(TreeSet::new));
    Set<String> rules = new TreeSet<>();
    for (int rule = 1; rule <= 21; rule++) {
      rules.add("R" + rule);
    }
    for (int rule = 1; rule <= 19; rule++) {
      rules.add("S" + rule);
    }
    rules.removeAll(NOT_PLANTED);
    assertEquals(rules, broken);
  }

  @Test
  void huntsFindNothingWithoutABug() throws InterruptedException {
    List<Case> none =
        List.of(
            Case.of(Hunt.ISOLATION, "none", "-", "nothing"),
            Case.of(Hunt.FULL_LOG, "none", "-", "nothing"),
            Case.of(Hunt.CAP, "none", "-", "nothing"),
            Case.of(Hunt.MANAGER, "none", "-", "nothing"),
            Case.of(Hunt.RANGES, "none", "-", "nothing"),
            Case.of(Hunt.PEEK, "none", "-", "nothing"),
            Case.of(Hunt.BAD_PAGE, "none", "-", "nothing"),
            Case.of(Hunt.INCREMENTS, "none", "-", "nothing"),
            Case.of(Hunt.RANGES_IN_DOUBT, "none", "-", "nothing"),
            Case.of(Hunt.CALLBACK, "none", "-", "nothing"),
            Case.of(Hunt.DROP_OF_USED, "none", "-", "nothing"),
            Case.of(Hunt.DROP_UNSEEN, "none", "-", "nothing"),
            Case.of(Hunt.CHAIN, "none", "-", "nothing"),
            Case.of(Hunt.CURSOR, "none", "-", "nothing"),
            Case.of(Hunt.ITERATOR, "none", "-", "nothing"),
            Case.of(Hunt.BUDGET, "none", "-", "nothing"),
            Case.of(Hunt.REDONE, "none", "-", "nothing"),
            Case.of(Hunt.COPY, "none", "-", "nothing"),
            Case.of(Hunt.FULL_DISK, "none", "-", "nothing"),
            Case.of(Hunt.LOST_WRITE, "none", "-", "nothing"));
    for (PlantSuite.Result result : PlantSuite.run(none, 1)) {
      assertNull(result.foundBy(), result.said());
    }
  }

  @Test
  void patchThatFitsNothingIsAnError() {
    PlantedBug stale =
        new PlantedBug(
            "stale",
            "-",
            "nothing",
            List.of(Patch.withoutCall("dev.redoubt.wal.Forcer", "force", "Forcer.gone")));
    PlantingLoader loader =
        new PlantingLoader("dev.redoubt.", stale, PlantSuiteTest.class.getClassLoader());
    IllegalStateException told =
        assertThrows(IllegalStateException.class, () -> loader.loadClass("dev.redoubt.wal.Forcer"));
    assertTrue(String.valueOf(told.getMessage()).contains("Forcer.gone"), told.getMessage());
  }

  /** It makes every hunt fail, which must not pass for a find. */
  @Test
  void patchThatFitsNothingIsNotFound() throws InterruptedException {
    Case stale =
        Case.of(
            Hunt.PEEK,
            "stale",
            "-",
            "nothing",
            Patch.withoutCall("dev.redoubt.kv.Catalog", "load", "Catalog.gone"));
    PlantSuite.Result result = PlantSuite.run(List.of(stale), 1).getFirst();
    assertNull(result.foundBy());
    assertTrue(result.said().contains("Catalog.gone"), result.said());
  }
}
