package dev.redoubt.demo.show;

import dev.redoubt.demo.show.Cities.City;
import dev.redoubt.demo.show.Plan.Transaction;
import dev.redoubt.kv.KeyRange;
import dev.redoubt.kv.Store;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Compares every entry of the store with the plan and the acknowledgements: the store must be
 * exactly the sum of the transactions whose marker it holds, and hold the marker of every one that
 * was acknowledged and of none that rolled back.
 *
 * @param acknowledged transactions acknowledged, and found whole
 * @param kept not acknowledged (the kill cut the answer off), and wholly there
 * @param gone not acknowledged, and wholly gone
 * @param rolledBack transactions that roll back, and left nothing
 * @param entries cities in the store
 * @param problems one line each; empty if all is as promised
 */
public record Proof(
    int acknowledged, int kept, int gone, int rolledBack, long entries, List<String> problems) {
  private static final int MAX_PROBLEMS = 20;

  public boolean holds() {
    return problems.isEmpty();
  }

  /** Proves it for what a store holds now. */
  static Proof of(Store store, Plan plan, Set<Integer> acknowledged) {
    return store.read(
        tx ->
            of(
                tx.tree(DemoStore.CITIES).range(KeyRange.all()),
                tx.tree(DemoStore.TRANSACTIONS).range(KeyRange.all()),
                plan,
                acknowledged));
  }

  static Proof of(
      Iterable<Map.Entry<String, String>> cities,
      Iterable<Map.Entry<String, String>> markers,
      Plan plan,
      Set<Integer> acknowledged) {
    List<String> problems = new ArrayList<>();
    Map<String, String> there = new HashMap<>();
    markers.forEach(marker -> there.put(marker.getKey(), marker.getValue()));
    BitSet found = findCities(cities, plan, problems);
    int acknowledgedWhole = 0;
    int kept = 0;
    int gone = 0;
    int rolledBack = 0;
    for (Transaction transaction : plan.transactions()) {
      boolean marked = there.remove(transaction.marker(), transaction.markerValue());
      int count = found.get(transaction.from(), transaction.to()).cardinality();
      boolean promised = acknowledged.contains(transaction.number());
      String problem = judge(transaction, marked, count, promised);
      if (!problem.isEmpty()) {
        problems.add(transaction.marker() + " (" + transaction.markerValue() + "): " + problem);
      } else if (!transaction.commits()) {
        rolledBack++;
      } else if (promised) {
        acknowledgedWhole++;
      } else if (marked) {
        kept++;
      } else {
        gone++;
      }
    }
    there.keySet().forEach(key -> problems.add("a marker that nobody wrote: " + key));
    return new Proof(
        acknowledgedWhole,
        kept,
        gone,
        rolledBack,
        found.cardinality(),
        problems.stream().limit(MAX_PROBLEMS).toList());
  }

  /** Which cities of the plan are there with their own value; everything else is a problem. */
  private static BitSet findCities(
      Iterable<Map.Entry<String, String>> entries, Plan plan, List<String> problems) {
    List<City> cities = plan.cities();
    Map<String, Integer> places = new HashMap<>(cities.size() * 2);
    for (int i = 0; i < cities.size(); i++) {
      places.put(cities.get(i).key(), i);
    }
    BitSet found = new BitSet(cities.size());
    for (Map.Entry<String, String> entry : entries) {
      Integer place = places.get(entry.getKey());
      if (place == null) {
        problems.add("a key that no committed transaction wrote: " + entry.getKey());
      } else if (!cities.get(place).value().equals(entry.getValue())) {
        problems.add("a value that was rolled back: " + entry.getKey() + " " + entry.getValue());
      } else if (found.get(place)) {
        problems.add("a key twice: " + entry.getKey());
      } else {
        found.set(place);
      }
    }
    return found;
  }

  /** What is wrong with a transaction; empty if nothing is. */
  private static String judge(
      Transaction transaction, boolean marked, int count, boolean promised) {
    if (!transaction.commits()) {
      return marked ? "was rolled back, and its marker is there" : "";
    }
    if (promised && !marked) {
      return "was acknowledged, and its marker is gone";
    }
    int expected = marked ? transaction.size() : 0;
    return count == expected
        ? ""
        : "is half there: "
            + count
            + " of its "
            + transaction.size()
            + " cities, marker "
            + (marked ? "there" : "gone");
  }
}
