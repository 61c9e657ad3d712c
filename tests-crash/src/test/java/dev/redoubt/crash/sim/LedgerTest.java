package dev.redoubt.crash.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

/** What the ledger of a simulated store takes for lost, and what a crash may take away. */
class LedgerTest {
  private final Ledger ledger = new Ledger(2);

  /**
   * Both began and were acknowledged in one step of the scheduler: the steps alone once said that
   * the first began after the second was acknowledged (store, seed 12369777372509).
   */
  @Test
  void crashMayTakeTheLaterOfTwoThatWereDoneInOneStep() {
    Ledger.Entry first = acknowledged(0, false);
    acknowledged(0, false);
    ledger.settle(new int[] {1, 0}, _ -> false);
    assertEquals(Ledger.State.COMMITTED, first.state);
    assertEquals(List.of(), ledger.unsettled());
  }

  @Test
  void crashMayTakeOneThatRanBesideAnotherWhichIsThere() {
    Ledger.Entry beside = ledger.begin(0);
    Ledger.Entry there = ledger.begin(1);
    ledger.acknowledged(beside, false);
    ledger.acknowledged(there, false);
    ledger.settle(new int[] {0, 1}, _ -> false);
    assertEquals(Ledger.State.COMMITTED, there.state);
  }

  @Test
  void oneLostInFrontOfOneThatBeganLaterIsAHole() {
    acknowledged(0, false);
    acknowledged(1, false);
    assertLost("one that began after it was acknowledged is there", 0, 1);
  }

  @Test
  void forcedCommitMakesAllDurableThatWereAcknowledgedBeforeItBegan() {
    acknowledged(0, false);
    acknowledged(1, true);
    assertLost("transaction 1 of client 0 was durable and is lost", 0, 0);
  }

  private Ledger.Entry acknowledged(int client, boolean durable) {
    Ledger.Entry entry = ledger.begin(client);
    ledger.acknowledged(entry, durable);
    return entry;
  }

  private void assertLost(String why, int... counters) {
    AssertionError told =
        assertThrows(AssertionError.class, () -> ledger.settle(counters, _ -> false));
    assertTrue(String.valueOf(told.getMessage()).contains(why), told.getMessage());
  }
}
