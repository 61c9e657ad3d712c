package dev.redoubt.kv;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.collect.testing.ConcurrentNavigableMapTestSuiteBuilder;
import com.google.common.collect.testing.TestStringSortedMapGenerator;
import com.google.common.collect.testing.features.CollectionFeature;
import com.google.common.collect.testing.features.CollectionSize;
import com.google.common.collect.testing.features.MapFeature;
import java.lang.reflect.Method;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import junit.framework.AssertionFailedError;
import junit.framework.Test;
import junit.framework.TestListener;
import junit.framework.TestResult;
import org.junit.jupiter.api.io.TempDir;

/**
 * The map view under Guava's suites for concurrent navigable maps, with those derived from them for
 * sub, head, tail and descending views, key sets, entry sets and values. All in one test: as tests
 * of the engine's own, tens of thousands of them would take minutes.
 */
final class StoreMapSuiteTest {
  /** Nothing is suppressed; what is goes here, with its reason. */
  private static final List<Method> SUPPRESSED = List.of();

  /** Maps that a case may use at once. */
  private static final int TREES = 8;

  private static final class Generator extends TestStringSortedMapGenerator {
    private final Store store;
    private int next;

    Generator(Store store) {
      this.store = store;
    }

    @Override
    protected SortedMap<String, String> create(Map.Entry<String, String>[] entries) {
      TreeDef<String, String> tree = TreeDef.of("map" + next++ % TREES, Codecs.UTF_8, Codecs.UTF_8);
      store.write(
          tx -> {
            tx.tree(tree).removeRange(KeyRange.all());
            for (Map.Entry<String, String> each : entries) {
              tx.tree(tree).put(each.getKey(), each.getValue());
            }
          });
      return store.map(tree);
    }
  }

  private static final class Failures implements TestListener {
    private final List<String> names = new ArrayList<>();

    @Override
    public void addError(Test test, Throwable error) {
      names.add(test + ": " + error);
    }

    @Override
    public void addFailure(Test test, AssertionFailedError failure) {
      names.add(test + ": " + failure);
    }

    @Override
    public void endTest(Test test) {}

    @Override
    public void startTest(Test test) {}
  }

  @org.junit.jupiter.api.Test
  void passesTheSuitesOfConcurrentNavigableMaps(@TempDir Path dir) {
    try (Store store = Store.open(dir, IsolationFixture.INLINE.withDurability(Durability.ASYNC))) {
      Test suite =
          ConcurrentNavigableMapTestSuiteBuilder.using(new Generator(store))
              .named("Store.map")
              .withFeatures(
                  MapFeature.GENERAL_PURPOSE,
                  CollectionFeature.SUPPORTS_ITERATOR_REMOVE,
                  CollectionFeature.KNOWN_ORDER,
                  CollectionSize.ANY)
              .suppressing(SUPPRESSED)
              .createTestSuite();
      TestResult result = new TestResult();
      Failures failures = new Failures();
      result.addListener(failures);
      suite.run(result);
      System.out.printf(
          "guava-testlib on Store.map: %d cases, %d failed, %d suppressed%n",
          result.runCount(), failures.names.size(), SUPPRESSED.size());
      assertEquals(List.of(), failures.names.stream().limit(20).toList());
      assertTrue(result.runCount() > 20_000, "the suites have shrunk: " + result.runCount());
    }
  }
}
