package dev.redoubt.demo.show;

import dev.redoubt.demo.show.Cities.City;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * Which transactions the demonstration runs. A function of its arguments alone: the writing process
 * and the proving process make the same one. Each transaction puts some cities and its own marker;
 * a transaction is there if and only if its marker is, and then all of its cities must be.
 *
 * @param cities all of them, shuffled, so that each transaction touches many pages
 * @param transactions by number
 */
public record Plan(List<City> cities, List<Transaction> transactions) {
  /** How a transaction goes. */
  public enum Kind {
    /** Puts its cities and commits. */
    COMMIT,
    /** The same, with a stretch in the middle that is rolled back to a savepoint. */
    SAVEPOINT,
    /** The largest one; it is what a kill finds open. */
    LARGE,
    /** Damages what was there before, and rolls back. Has no cities. */
    ROLLBACK
  }

  /**
   * A transaction.
   *
   * @param number its place in the plan
   * @param kind how it goes
   * @param from its first city
   * @param to behind its last city
   */
  public record Transaction(int number, Kind kind, int from, int to) {
    public int size() {
      return to - from;
    }

    public boolean commits() {
      return kind != Kind.ROLLBACK;
    }

    /** Key of its marker. */
    public String marker() {
      return String.format(Locale.ROOT, "transaction %06d", number);
    }

    /** Value of its marker. */
    public String markerValue() {
      return kind + " " + size();
    }
  }

  private static final int LARGE_SIZE = 6_000;

  /**
   * The plan for some cities and a seed.
   *
   * @param sorted the cities, at least 100
   */
  public static Plan of(List<City> sorted, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<City> cities = new ArrayList<>(sorted);
    shuffle(cities, random);
    int large = Math.min(LARGE_SIZE, cities.size() / 10);
    List<Transaction> transactions = new ArrayList<>();
    transactions.add(new Transaction(0, Kind.LARGE, 0, large));
    for (int from = large; from < cities.size(); ) {
      Kind kind = kind(random);
      int size = kind == Kind.ROLLBACK ? 0 : Math.min(size(random), cities.size() / 20);
      int to = Math.min(cities.size(), from + size);
      transactions.add(new Transaction(transactions.size(), kind, from, to));
      from = to;
    }
    return new Plan(List.copyOf(cities), List.copyOf(transactions));
  }

  /** Cities of {@code transaction}. */
  List<City> citiesOf(Transaction transaction) {
    return cities.subList(transaction.from(), transaction.to());
  }

  private static Kind kind(SplittableRandom random) {
    return switch (random.nextInt(10)) {
      case 0 -> Kind.ROLLBACK;
      case 1 -> Kind.SAVEPOINT;
      default -> Kind.COMMIT;
    };
  }

  /** Mostly a few, sometimes hundreds, now and then more than a thousand. */
  private static int size(SplittableRandom random) {
    int draw = random.nextInt(100);
    if (draw < 70) {
      return random.nextInt(1, 21);
    }
    return draw < 95 ? random.nextInt(50, 401) : random.nextInt(1_000, 2_001);
  }

  private static void shuffle(List<City> cities, SplittableRandom random) {
    for (int i = cities.size() - 1; i > 0; i--) {
      int other = random.nextInt(i + 1);
      City city = cities.get(i);
      cities.set(i, cities.get(other));
      cities.set(other, city);
    }
  }
}
