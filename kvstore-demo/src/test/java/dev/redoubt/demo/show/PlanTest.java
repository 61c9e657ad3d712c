package dev.redoubt.demo.show;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.demo.show.Announcement.What;
import dev.redoubt.demo.show.Plan.Kind;
import dev.redoubt.demo.show.Plan.Transaction;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class PlanTest {
  private static final Plan PLAN = new Setting(20_000, 4, 7).plan();

  @Test
  void everyCityBelongsToOneCommittingTransaction() {
    int next = 0;
    for (Transaction transaction : PLAN.transactions()) {
      assertEquals(next, transaction.from());
      assertEquals(transaction.kind() == Kind.ROLLBACK, transaction.size() == 0);
      next = transaction.to();
    }
    assertEquals(PLAN.cities().size(), next);
  }

  @Test
  void numbersArePlacesAndTheLargeOneIsFirst() {
    for (int i = 0; i < PLAN.transactions().size(); i++) {
      assertEquals(i, PLAN.transactions().get(i).number());
      assertEquals(i == 0, PLAN.transactions().get(i).kind() == Kind.LARGE);
    }
    assertEquals(2_000, PLAN.transactions().getFirst().size());
  }

  @Test
  void everyKindOccurs() {
    assertEquals(
        List.of(Kind.values()),
        PLAN.transactions().stream()
            .map(Transaction::kind)
            .distinct()
            .sorted()
            .collect(Collectors.toList()));
  }

  @Test
  void sameSeedGivesTheSamePlanAndAnotherSeedAnotherOne() {
    assertEquals(PLAN, new Setting(20_000, 1, 7).plan());
    assertNotEquals(PLAN, new Setting(20_000, 4, 8).plan());
  }

  @Test
  void theBundledCitiesAreAllThere() {
    assertEquals(171_075, Cities.read(Integer.MAX_VALUE).size());
  }

  @Test
  void announcementsComeBackFromTheirLines() {
    for (What what : What.values()) {
      Announcement announcement = new Announcement(what, 123);
      assertEquals(announcement, Announcement.parse(announcement.line()));
    }
    assertNull(Announcement.parse("acknowledged"));
    assertNull(Announcement.parse("acknowledged 12x"));
    assertNull(Announcement.parse("something else"));
    assertTrue(new Announcement(What.ACKNOWLEDGED, 5).line().startsWith("acknowledged 5"));
  }
}
