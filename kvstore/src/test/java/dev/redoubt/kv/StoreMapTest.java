package dev.redoubt.kv;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The map view beyond Guava's suites: transactions, threads, batches, order. */
final class StoreMapTest {
  private static final TreeDef<String, Long> TREE = TreeDef.of("t", Codecs.UTF_8, Codecs.INT64);
  private static final TreeDef<Long, Long> NUMBERS = TreeDef.of("n", Codecs.INT64, Codecs.INT64);
  private static final int THREADS = 4;
  private static final int ROUNDS = 100;

  private final Store store;
  private final ConcurrentNavigableMap<String, Long> map;

  StoreMapTest(@TempDir Path dir) {
    store =
        Store.open(
            dir,
            TestPages.OPTIONS
                .withDurability(Durability.ASYNC)
                .withConflictWait(Duration.ofMinutes(1)));
    map = store.map(TREE);
  }

  @AfterEach
  void close() {
    assertEquals(0, store.stats().versions().snapshots(), "no map pins anything");
    store.close();
  }

  private interface Work {
    void run(int thread);
  }

  private static void together(Work work) throws Exception {
    try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
      List<Callable<Boolean>> tasks = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        int thread = i;
        tasks.add(
            () -> {
              work.run(thread);
              return true;
            });
      }
      for (Future<Boolean> each : threads.invokeAll(tasks)) {
        assertTrue(each.get());
      }
    }
  }

  @Test
  void oneOfManyPutsAnAbsentKey() throws Exception {
    long[] won = new long[THREADS];
    together(
        thread -> {
          for (int i = 0; i < ROUNDS; i++) {
            won[thread] += map.putIfAbsent("k" + i, (long) thread) == null ? 1 : 0;
          }
        });
    assertEquals(ROUNDS, IntStream.range(0, THREADS).mapToLong(i -> won[i]).sum());
    for (int i = 0; i < THREADS; i++) {
      long mine = i;
      assertEquals(won[i], map.values().stream().filter(each -> each == mine).count());
    }
  }

  @Test
  void compoundOperationsLoseNoIncrement() throws Exception {
    map.put("replaced", 0L);
    together(
        thread -> {
          for (int i = 0; i < ROUNDS; i++) {
            map.merge("merged", 1L, Long::sum);
            map.compute("computed", (key, value) -> value == null ? 1 : value + 1);
            map.computeIfAbsent("present", key -> 0L);
            map.computeIfPresent("present", (key, value) -> value + 1);
            long old;
            do {
              old = map.getOrDefault("replaced", -1L);
            } while (!map.replace("replaced", old, old + 1));
          }
        });
    long total = (long) THREADS * ROUNDS;
    assertEquals(
        Map.of("merged", total, "computed", total, "present", total, "replaced", total), map);
  }

  @Test
  void eachEntryIsPolledOnce() throws Exception {
    ConcurrentNavigableMap<Long, Long> numbers = store.map(NUMBERS);
    Map<Long, Long> all = new TreeMap<>();
    for (long i = 0; i < THREADS * ROUNDS; i++) {
      all.put(i, i);
    }
    numbers.putAll(all);
    long[] sums = new long[THREADS];
    together(
        thread -> {
          Map.Entry<Long, Long> polled;
          do {
            polled = thread % 2 == 0 ? numbers.pollFirstEntry() : numbers.pollLastEntry();
            sums[thread] += polled == null ? 0 : polled.getKey();
          } while (polled != null);
        });
    assertEquals(
        all.keySet().stream().mapToLong(i -> i).sum(),
        IntStream.range(0, THREADS).mapToLong(i -> sums[i]).sum());
    assertTrue(numbers.isEmpty());
  }

  /** Store rule 11: to wait would be to wait for itself. */
  @Test
  void aPutWithinATransactionThatHasWrittenTheKeyFailsAtOnce() {
    store.write(
        tx -> {
          tx.tree(TREE).put("k", 1L);
          long before = System.nanoTime();
          ConflictException refused = assertThrows(ConflictException.class, () -> map.put("k", 2L));
          assertTrue(
              System.nanoTime() - before < Duration.ofSeconds(30).toNanos(),
              "far below the longest wait");
          assertTrue(String.valueOf(refused.getMessage()).contains("thread"), refused::toString);
          assertNull(map.put("other", 2L), "that is a transaction of its own");
        });
    assertEquals(Map.of("k", 1L, "other", 2L), map);
  }

  @Test
  void readingMakesNoTree() {
    assertNull(map.get("k"));
    assertEquals(0, map.size());
    assertFalse(map.descendingMap().entrySet().iterator().hasNext());
    assertEquals(List.of(), store.listTrees());
    map.put("k", 1L);
    assertEquals(List.of("t"), store.listTrees());
  }

  @Test
  void anAbandonedIteratorPinsNothing() {
    fill(1000);
    Iterator<Map.Entry<Long, Long>> abandoned = store.map(NUMBERS).entrySet().iterator();
    assertEquals(0L, abandoned.next().getKey());
    assertEquals(0, store.stats().versions().snapshots());
  }

  private void fill(long count) {
    store.write(
        tx -> {
          for (long i = 0; i < count; i++) {
            tx.tree(NUMBERS).put(i, i);
          }
        });
  }

  @Test
  void iterationGoesOnByKeyWhateverIsWritten() {
    fill(3000);
    ConcurrentNavigableMap<Long, Long> numbers = store.map(NUMBERS);
    for (boolean up : new boolean[] {true, false}) {
      NavigableMap<Long, Long> view = up ? numbers : numbers.descendingMap();
      List<Long> met = new ArrayList<>();
      for (Map.Entry<Long, Long> each : view.entrySet()) {
        long key = each.getKey();
        met.add(key);
        if (key % 100 == 50) {
          numbers.remove(key); // where it stands
          store.write(tx -> tx.tree(NUMBERS).put(key, key));
        }
      }
      assertEquals(view.keySet().stream().toList(), met);
      assertEquals(3000, met.size());
    }
  }

  @Test
  void partsAgreeWithThoseOfAMap() {
    fill(200);
    ConcurrentNavigableMap<Long, Long> numbers = store.map(NUMBERS);
    NavigableMap<Long, Long> model = new TreeMap<>(numbers);
    Random random = new Random(20261128);
    for (int i = 0; i < 300; i++) {
      long from = random.nextInt(-5, 205);
      long to = from + random.nextInt(50);
      boolean fromIn = random.nextBoolean();
      boolean toIn = random.nextBoolean();
      long key = random.nextInt(-10, 210);
      NavigableMap<Long, Long> part = numbers.subMap(from, fromIn, to, toIn);
      NavigableMap<Long, Long> expected = model.subMap(from, fromIn, to, toIn);
      if (random.nextBoolean()) {
        part = part.descendingMap();
        expected = expected.descendingMap();
      }
      assertEquals(expected, part);
      assertEquals(expected.size(), part.size());
      assertEquals(List.copyOf(expected.keySet()), List.copyOf(part.keySet()));
      assertEquals(expected.floorKey(key), part.floorKey(key));
      assertEquals(expected.ceilingKey(key), part.ceilingKey(key));
      assertEquals(expected.lowerKey(key), part.lowerKey(key));
      assertEquals(expected.higherKey(key), part.higherKey(key));
      assertEquals(expected.firstEntry(), part.firstEntry());
      assertEquals(expected.lastEntry(), part.lastEntry());
      assertEquals(expected.get(key), part.get(key));
    }
  }

  @Test
  void aPartTakesOnlyItsOwnKeys() {
    ConcurrentNavigableMap<String, Long> part = map.subMap("b", "d");
    part.put("b", 1L);
    assertThrows(IllegalArgumentException.class, () -> part.put("d", 1L));
    assertThrows(IllegalArgumentException.class, () -> part.putAll(Map.of("c", 1L, "e", 1L)));
    assertThrows(IllegalArgumentException.class, () -> part.merge("a", 1L, Long::sum));
    assertThrows(IllegalArgumentException.class, () -> part.subMap("a", "c"));
    assertThrows(IllegalArgumentException.class, () -> map.subMap("d", "b"));
    assertEquals(Map.of("b", 1L), map, "of putAll all or nothing");
    map.put("d", 4L);
    part.clear();
    assertEquals(Map.of("d", 4L), map);
  }

  @Test
  void theOrderIsThatOfTheCodec() {
    map.putAll(Map.of("\uffff", 1L, "😀", 2L, "a", 3L));
    assertEquals(List.of("a", "\uffff", "😀"), List.copyOf(map.keySet()));
    assertTrue(map.comparator() != null, "it is not the natural order of strings");
    assertNull(store.map(NUMBERS).comparator(), "it is the natural order of numbers");
    assertTrue(store.map(NUMBERS).descendingMap().comparator() != null);
    assertThrows(IllegalArgumentException.class, () -> map.put("\ud800", 1L));
  }

  @Test
  void setValueWritesThrough() {
    map.put("k", 1L);
    for (Map.Entry<String, Long> each : map.entrySet()) {
      assertEquals(1L, each.setValue(2L));
      assertEquals(2L, each.getValue());
    }
    assertEquals(2L, map.get("k"));
  }

  @Test
  void aFunctionThatThrowsChangesNothing() {
    map.put("k", 1L);
    assertThrows(
        ArithmeticException.class,
        () ->
            map.compute(
                "k",
                (key, value) -> {
                  throw new ArithmeticException("mine");
                }));
    assertEquals(Map.of("k", 1L), map);
  }

  @SuppressWarnings("ArrayRecordComponent")
  private record Name(byte[] bytes) {} // two of them are never equal

  /** The default of maps compares values with what it has read before, for ever. */
  @Test
  void replaceAllNeedsNoEqualityOfValues() {
    TreeDef<Long, Name> names = TreeDef.of("names", Codecs.INT64, Codecs.record(Name.class));
    ConcurrentNavigableMap<Long, Name> view = store.map(names);
    view.put(1L, new Name(new byte[] {1}));
    view.put(2L, new Name(new byte[] {2}));
    assertTimeoutPreemptively(
        Duration.ofMinutes(2),
        () -> view.replaceAll((key, old) -> new Name(new byte[] {old.bytes()[0], 0})));
    assertEquals(List.of(2, 2), view.values().stream().map(each -> each.bytes().length).toList());
    assertThrows(NullPointerException.class, () -> map.replaceAll(null));
    map.put("k", 1L);
    assertThrows(NullPointerException.class, () -> map.replaceAll((key, old) -> null));
  }

  /** In a store of SNAPSHOT transactions too: what came in front meanwhile is first. */
  @Test
  void pollTakesWhatIsFirstWhenItCommits(@TempDir Path dir) throws Exception {
    try (Store weak = Store.open(dir, TestPages.OPTIONS.withIsolation(Isolation.SNAPSHOT));
        ExecutorService other = Executors.newSingleThreadExecutor();
        WriteTx owner = weak.beginWrite()) {
      ConcurrentNavigableMap<Long, Long> numbers = weak.map(NUMBERS);
      numbers.put(5L, 5L);
      owner.tree(NUMBERS).getForUpdate(5L);
      Thread poller = other.submit(Thread::currentThread).get();
      Future<Map.Entry<Long, Long>> polled = other.submit(numbers::pollFirstEntry);
      while (poller.getState() != Thread.State.TIMED_WAITING) {
        Thread.onSpinWait(); // until it waits for the key that it has found
      }
      numbers.put(3L, 3L);
      owner.rollback();
      assertEquals(Map.entry(3L, 3L), polled.get());
    }
  }
}
