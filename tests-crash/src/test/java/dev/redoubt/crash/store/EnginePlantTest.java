package dev.redoubt.crash.store;

import static dev.redoubt.crash.plant.Patch.callSentTo;
import static dev.redoubt.crash.plant.Patch.emptied;
import static dev.redoubt.crash.plant.Patch.withoutCall;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.crash.check.AnomalyKind;
import dev.redoubt.crash.plant.Patch;
import dev.redoubt.crash.plant.PlantedBug;
import dev.redoubt.crash.plant.PlantingLoader;
import dev.redoubt.crash.plant.Wrong;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Bugs of isolation and acknowledgement, planted in the engine, show in real histories. */
class EnginePlantTest {
  private static final String KV = "dev.redoubt.kv.";
  private static final int HISTORIES = 30;

  @SuppressWarnings("ImmutableEnumChecker")
  enum Planted {
    READS_NOT_VALIDATED(
        "list-append SERIALIZABLE 0",
        withoutCall(KV + "CommitOrder", "commit", "TransactionReads.validate"),
        AnomalyKind.G2_ITEM,
        AnomalyKind.LOST_UPDATE,
        AnomalyKind.G_SINGLE),
    POINT_READS_NOT_RECORDED(
        "numbered-register SERIALIZABLE 0",
        emptied(KV + "TransactionReads", "record"),
        AnomalyKind.LOST_UPDATE),
    RANGES_NOT_RECORDED(
        "predicate SERIALIZABLE 0",
        emptied(KV + "TransactionReads", "scan"),
        AnomalyKind.G2,
        AnomalyKind.G_SINGLE_PREDICATE),
    SECOND_UPDATER_WINS(
        "numbered-register SNAPSHOT 0",
        emptied(KV + "TransactionReads", "ownToWrite"),
        AnomalyKind.LOST_UPDATE),
    DIRTY_READ(
        "list-append SERIALIZABLE 0",
        callSentTo(KV + "ReadTransaction", "visible", "Version.visible", Wrong.class, "inLeaf"),
        AnomalyKind.G1A,
        AnomalyKind.G1B,
        AnomalyKind.G_SINGLE),
    VERSIONS_RECLAIMED_EARLY(
        "list-append SERIALIZABLE 0",
        emptied(KV + "Snapshots", "anyWithin"),
        AnomalyKind.G_SINGLE,
        AnomalyKind.G1C,
        AnomalyKind.INCOMPATIBLE_ORDER),
    COMMIT_NOT_DURABLE(
        "list-append SERIALIZABLE 4", emptied(KV + "CommitOrder", "force"), AnomalyKind.LOST_WRITE),
    ACKNOWLEDGED_TOO_EARLY(
        "list-append SERIALIZABLE 8",
        callSentTo(KV + "CommitOrder", "acknowledged", "Math.min", HistoryHunt.class, "published"),
        AnomalyKind.G_SINGLE_REALTIME,
        AnomalyKind.INCOMPATIBLE_ORDER);

    private final String hunt;
    private final PlantedBug bug;
    private final Set<String> codes;

    Planted(String hunt, Patch patch, AnomalyKind... kinds) {
      this.hunt = hunt;
      this.bug = new PlantedBug(name(), "isolation", name(), List.of(patch));
      this.codes = Arrays.stream(kinds).map(AnomalyKind::code).collect(Collectors.toSet());
    }
  }

  @ParameterizedTest
  @EnumSource(Planted.class)
  void plantedBugShowsInAHistory(Planted planted) {
    PlantingLoader loader =
        new PlantingLoader("dev.redoubt.", planted.bug, EnginePlantTest.class.getClassLoader());
    String found =
        loader.function(HistoryHunt.class.getName()).apply(planted.hunt + " " + HISTORIES);
    assertEquals(Set.of(), loader.unreached());
    System.out.println(planted + ": " + found);
    List<String> words = List.of(found.split(" "));
    assertTrue(words.stream().anyMatch(planted.codes::contains), planted + ": " + found);
  }
}
