package dev.redoubt.crash.suite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.crash.disk.Fault;
import dev.redoubt.crash.disk.IoKind;
import dev.redoubt.crash.work.FaultRun;
import dev.redoubt.crash.work.FaultRun.WrongPage;
import dev.redoubt.crash.work.MemorySubject;
import dev.redoubt.crash.work.ScriptOptions;
import dev.redoubt.crash.work.StoreSubject;
import dev.redoubt.crash.work.TransactionWorkload;
import java.util.function.LongFunction;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A disk that loses page writes, puts them in another page's place, or gives old pages back, and
 * says that all is well: at every such call of a run in turn. What comes back wrong is noticed when
 * it is read, and made anew from the log or reported; it is never passed on.
 */
class WrongPageTest {
  private static final String PAGES = "pages";
  private static final int PAGE_BYTES = 4096;

  /** What is put to the test: more pages than frames, so that they come and go. */
  enum Engine {
    MEMORY,
    STORE;

    TransactionWorkload workload() {
      return switch (this) {
        case MEMORY ->
            new TransactionWorkload(
                "memory",
                MemorySubject.factory(MemorySubject.tiny(), 401),
                new ScriptOptions(400, 400, 3, 600, 0, 20),
                UnaryOperator.identity());
        case STORE ->
            new TransactionWorkload(
                "store",
                StoreSubject.factory(
                    StoreSubject.tiny().withEngine(StoreSubject.tiny().engine().withFrames(16))),
                new ScriptOptions(400, 500, 3, 500, 9000, 20),
                UnaryOperator.identity());
      };
    }
  }

  /** How the disk fails, at its nth call. */
  enum Way {
    LOST(nth -> Fault.once(IoKind.WRITE, PAGES, nth, Fault.Action.LIE)),
    IN_THE_NEXT_PLACE(nth -> Fault.misdirected(PAGES, nth, PAGE_BYTES)),
    IN_THE_PLACE_BEFORE(nth -> Fault.misdirected(PAGES, nth, -PAGE_BYTES)),
    SEVEN_PLACES_OFF(nth -> Fault.misdirected(PAGES, nth, -7L * PAGE_BYTES)),
    STALE_ONCE(nth -> Fault.once(IoKind.READ, PAGES, nth, Fault.Action.STALE)),
    STALE_FOR_EVER(nth -> Fault.forEver(IoKind.READ, PAGES, nth, Fault.Action.STALE));

    @SuppressWarnings("ImmutableEnumChecker") // the functions capture nothing
    private final LongFunction<Fault> fault;

    Way(LongFunction<Fault> fault) {
      this.fault = fault;
    }
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  void wrongPageIsNotPassedOn(Way way) {
    for (Engine engine : Engine.values()) {
      atEach(engine, way, 11);
    }
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  @Tag("slow")
  void wrongPageIsNotPassedOnAtAnyCall(Way way) {
    for (Engine engine : Engine.values()) {
      atEach(engine, way, 1);
    }
  }

  private static void atEach(Engine engine, Way way, int stride) {
    int right = 0;
    int reported = 0;
    boolean struck = true;
    for (long nth = 0; struck; nth += stride) {
      try {
        FaultRun run = new FaultRun(engine.workload(), Budget.seed());
        WrongPage result = run.checkWrongPage(way.fault.apply(nth));
        right += result == WrongPage.RIGHT ? 1 : 0;
        reported += result == WrongPage.REPORTED ? 1 : 0;
        struck = result != WrongPage.NONE;
      } catch (RuntimeException | AssertionError wrong) {
        throw new AssertionError(engine + ", " + way + " at call " + nth, wrong);
      }
    }
    System.out.printf(
        "%s: pages %s, %d runs: all read right %d, reported %d%n",
        engine, way, right + reported, right, reported);
    assertTrue(right + reported > 4, "runs: " + (right + reported));
    if (way == Way.STALE_ONCE) {
      assertEquals(0, reported, "read again, the page is right");
    }
  }
}
