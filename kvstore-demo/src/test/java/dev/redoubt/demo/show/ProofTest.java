package dev.redoubt.demo.show;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.demo.show.Cities.City;
import dev.redoubt.demo.show.Plan.Kind;
import dev.redoubt.demo.show.Plan.Transaction;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** A proof that cannot fail proves nothing: each thing that can go wrong is planted once. */
class ProofTest {
  private static final Plan PLAN = new Setting(1_000, 1, 7).plan();
  private static final Set<Integer> ACKNOWLEDGED = Set.of(1, 2, 3);

  private final TreeMap<String, String> cities = new TreeMap<>();
  private final TreeMap<String, String> markers = new TreeMap<>();

  ProofTest() {
    ACKNOWLEDGED.forEach(number -> commit(PLAN.transactions().get(number)));
  }

  @Test
  void storeWithExactlyTheAcknowledgedTransactionsIsProved() {
    Proof proof = proof();
    assertEquals(List.of(), proof.problems());
    assertEquals(committing(ACKNOWLEDGED), proof.acknowledged());
    assertEquals(cities.size(), proof.entries());
    assertEquals(0, proof.kept());
  }

  @Test
  void unacknowledgedTransactionMayBeWhollyThere() {
    commit(next(Kind.COMMIT));
    assertEquals(1, proof().kept());
    assertTrue(proof().holds());
  }

  @Test
  void acknowledgedTransactionThatIsGoneIsFound() {
    Transaction lost = PLAN.transactions().get(2);
    PLAN.citiesOf(lost).forEach(city -> cities.remove(city.key()));
    markers.remove(lost.marker());
    assertFinds("was acknowledged, and its marker is gone");
  }

  @Test
  void oneLostCityIsFound() {
    cities.remove(PLAN.citiesOf(PLAN.transactions().get(2)).getFirst().key());
    assertFinds("is half there");
  }

  @Test
  void oneCityOfALoserIsFound() {
    City city = PLAN.citiesOf(PLAN.transactions().getFirst()).getFirst();
    cities.put(city.key(), city.value());
    assertFinds("is half there: 1 of its 100 cities, marker gone");
  }

  @Test
  void markerWithoutItsCitiesIsFound() {
    Transaction large = PLAN.transactions().getFirst();
    markers.put(large.marker(), large.markerValue());
    assertFinds("is half there: 0 of its 100 cities, marker there");
  }

  @Test
  void valueThatWasRolledBackIsFound() {
    cities.replace(cities.firstKey(), "must not be seen");
    assertFinds("a value that was rolled back");
  }

  @Test
  void keyThatWasRolledBackIsFound() {
    cities.put("~/3/1", "must not be seen");
    assertFinds("a key that no committed transaction wrote");
  }

  @Test
  void markerOfARolledBackTransactionIsFound() {
    commit(next(Kind.ROLLBACK));
    assertFinds("was rolled back, and its marker is there");
  }

  @Test
  void markerThatNobodyWroteIsFound() {
    markers.put("transaction 999999", "COMMIT 3");
    assertFinds("a marker that nobody wrote");
  }

  private void assertFinds(String problem) {
    assertTrue(proof().problems().stream().anyMatch(p -> p.contains(problem)), problem);
  }

  private Proof proof() {
    return Proof.of(cities.entrySet(), markers.entrySet(), PLAN, ACKNOWLEDGED);
  }

  private void commit(Transaction transaction) {
    PLAN.citiesOf(transaction).forEach(city -> cities.put(city.key(), city.value()));
    if (transaction.commits() || !ACKNOWLEDGED.contains(transaction.number())) {
      markers.put(transaction.marker(), transaction.markerValue());
    }
  }

  private static Transaction next(Kind kind) {
    return PLAN.transactions().stream()
        .filter(t -> t.kind() == kind && !ACKNOWLEDGED.contains(t.number()))
        .findFirst()
        .orElseThrow();
  }

  private static long committing(Set<Integer> numbers) {
    return numbers.stream().filter(number -> PLAN.transactions().get(number).commits()).count();
  }
}
