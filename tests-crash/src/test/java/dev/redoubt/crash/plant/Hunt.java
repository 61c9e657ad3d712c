package dev.redoubt.crash.plant;

import dev.redoubt.crash.disk.Fault;
import dev.redoubt.crash.disk.IoKind;
import dev.redoubt.crash.sweep.CrashPlan;
import dev.redoubt.crash.sweep.Sweep;
import dev.redoubt.crash.sweep.SweepOptions;
import dev.redoubt.crash.sweep.SweepReport;
import dev.redoubt.crash.sweep.Workload;
import dev.redoubt.crash.work.DropWorkload;
import dev.redoubt.crash.work.FaultRun;
import dev.redoubt.crash.work.InterpretedLog;
import dev.redoubt.crash.work.IsolationRun;
import dev.redoubt.crash.work.LoadWorkload;
import dev.redoubt.crash.work.LogWorkload;
import dev.redoubt.crash.work.MemorySubject;
import dev.redoubt.crash.work.RedonePages;
import dev.redoubt.crash.work.RestartWorkload;
import dev.redoubt.crash.work.ScriptOptions;
import dev.redoubt.crash.work.StoreSubject;
import dev.redoubt.crash.work.SweptRocksPages;
import dev.redoubt.crash.work.TransactionWorkload;
import dev.redoubt.io.Environment;
import dev.redoubt.kv.StoreOptions;
import dev.redoubt.recovery.EngineOptions;
import dev.redoubt.recovery.RestartMode;
import java.time.Duration;
import java.util.function.LongConsumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The parts of the suite that are set on planted bugs, each with a budget of seconds. */
@SuppressWarnings("ImmutableEnumChecker") // what a check is made of does not change
enum Hunt {
  /** Sweep of the log by itself. */
  LOG {
    @Override
    Finding run(long seed) {
      return sweep(seed, new LogWorkload(150, 3000, UnaryOperator.identity()));
    }
  },
  /** Sweep of the recovery engine. */
  MEMORY {
    @Override
    Finding run(long seed) {
      return sweep(seed, memory(300, 160));
    }
  },
  /** The same with nothing but deaths and power losses, one after the other. */
  DEATHS {
    @Override
    Finding run(long seed) {
      CrashPlan deaths = new CrashPlan(false, 0, 0, 0, false, true);
      EngineOptions full = MemorySubject.tiny().withRestart(RestartMode.FULL);
      return sweep(memory(full, 300, 160), options(seed).withPlans(deaths, deaths));
    }
  },
  /** Sweep of the store. */
  STORE {
    @Override
    Finding run(long seed) {
      return sweep(seed, store(StoreSubject.tiny(), 400));
    }
  },
  /** Sweep of a store whose log is interpreted before it is opened. */
  INTERPRETED {
    @Override
    Finding run(long seed) {
      return sweep(
          seed,
          new TransactionWorkload(
              "store-interpreted",
              InterpretedLog.factory(InterpretedLog.wholeLog(StoreSubject.tiny())),
              new ScriptOptions(300, 300, 3, 300, 9000, 20),
              UnaryOperator.identity()));
    }
  },
  /** Sweep of a store that is used while it is restarted. */
  RESTART {
    @Override
    Finding run(long seed) {
      StoreOptions tiny = StoreSubject.tiny();
      return sweep(
          seed,
          new RestartWorkload(
              "restart",
              tiny.withEngine(tiny.engine().withRestart(RestartMode.INSTANT)),
              new ScriptOptions(300, 300, 3, 400, 9000, 0),
              UnaryOperator.identity()));
    }
  },
  /** Each force of a run fails. */
  FAILED_FORCE {
    @Override
    Finding run(long seed) {
      return attempts(
          60,
          nth ->
              new FaultRun(memory(160, 160), seed)
                  .checkFailedForce(Fault.once(IoKind.FORCE, "", nth, Fault.Action.EIO)));
    }
  },
  /** The disk is full from each allocating write on. */
  FULL_DISK {
    @Override
    Finding run(long seed) {
      return attempts(12, nth -> fullDisk(seed, nth));
    }
  },
  /** There are no more segments. */
  FULL_LOG(Checks::fullLog),
  /** An idle transaction pins the log. */
  CAP(Checks::cap),
  /** A resource manager is missing. */
  MANAGER(Checks::foreignManager),
  /** Two transactions want the same bytes. */
  RANGES(Checks::ownedRange),
  /** An older version of a page comes back whose log is gone. */
  BAD_PAGE(BadPage::check),
  /** Two transactions add to one number. */
  INCREMENTS(StoreChecks::increments),
  /** Somebody writes what a transaction in doubt has read. */
  RANGES_IN_DOUBT(StoreChecks::rangesInDoubt),
  /** Somebody reads while a commit is forced. */
  PEEK(Checks::peek),
  /** User code runs in the middle of a read. */
  CALLBACK(TreeChecks::callback),
  /** A tree is dropped that others use. */
  DROP_OF_USED(TreeChecks::dropOfUsed),
  /** A tree is dropped and made again. */
  DROP_UNSEEN(TreeChecks::dropUnseen),
  /** A large value is replaced, and is not. */
  CHAIN(TreeChecks::chainOfAnother),
  /** A transaction writes ahead of its cursor. */
  CURSOR(TreeChecks::cursor),
  /** A loop over a map ends early. */
  ITERATOR(TreeChecks::abandonedIterator),
  /** A snapshot grows old. */
  BUDGET(TreeChecks::budget),
  /** A store is copied while it runs. */
  COPY(CopyCheck::check),
  /** Pages are redone, and compared with those that never crashed. */
  REDONE(seed -> RedonePages.check(seed, 25)),
  /** Sweep of trees that are made and dropped. */
  DROPS {
    @Override
    Finding run(long seed) {
      return sweep(seed, new DropWorkload(StoreSubject.tiny(), 20));
    }
  },
  /** Sweep of a tree that is cleared and loaded again and again. */
  LOADS {
    @Override
    Finding run(long seed) {
      return sweep(seed, new LoadWorkload(StoreSubject.tiny(), 12));
    }
  },
  /** Sweep of a store whose pages are in RocksDB. */
  ROCKS {
    @Override
    Finding run(long seed) {
      try (SweptRocksPages pages = SweptRocksPages.exact()) {
        StoreOptions tiny = StoreSubject.tiny();
        return sweep(seed, store(tiny.withEngine(tiny.engine().withPages(pages)), 400));
      }
    }
  },
  /** Sweep of transactions in doubt. */
  DOUBT {
    @Override
    Finding run(long seed) {
      ScriptOptions script = new ScriptOptions(300, 300, 3, 400, 9000, 20).withPrepared(50);
      return sweep(
          seed,
          new TransactionWorkload(
              "doubt",
              StoreSubject.factory(StoreSubject.tiny()),
              script,
              UnaryOperator.identity()));
    }
  },
  /** Sweep of an engine whose checkpoints come between the steps of others. */
  RACES {
    @Override
    Finding run(long seed) {
      return sweep(
          seed,
          new TransactionWorkload(
              "races",
              Meanwhile.racing(MemorySubject.factory(MemorySubject.tiny(), 161)),
              new ScriptOptions(300, 160, 3, 600, 0, 20),
              UnaryOperator.identity()));
    }
  },
  /** Pages are lost on their way home. */
  LOST_WRITE {
    @Override
    Finding run(long seed) {
      return attempts(
          60,
          nth -> {
            FaultRun run = new FaultRun(memory(400, 400), seed);
            Fault lost = Fault.once(IoKind.WRITE, "pages", 3 * nth, Fault.Action.LIE);
            run.checkWrongPage(lost);
          });
    }
  },
  /** What each transaction sees, step by step. */
  ISOLATION {
    @Override
    Finding run(long seed) {
      return attempts(30, nth -> new IsolationRun(StoreSubject.tiny(), seed + nth).run(400));
    }
  };

  private static final Duration LONGEST = Duration.ofSeconds(150);

  private final LongConsumer check;

  /** One that runs by itself. */
  Hunt() {
    this(
        _ -> {
          throw new AssertionError("not a check");
        });
  }

  /** One short run, which throws what it finds wrong. */
  Hunt(LongConsumer check) {
    this.check = check;
  }

  /** Runs until something is found wrong or the budget is spent. */
  Finding run(long seed) {
    return attempts(1, _ -> check.accept(seed));
  }

  /**
   * What came of a hunt.
   *
   * @param tried crash states, or runs
   * @param what was found wrong; null if nothing was
   */
  record Finding(long tried, @Nullable String what) {}

  static TransactionWorkload memory(int steps, int keys) {
    return memory(MemorySubject.tiny(), steps, keys);
  }

  static TransactionWorkload memory(EngineOptions options, int steps, int keys) {
    return new TransactionWorkload(
        "memory",
        MemorySubject.factory(options, keys + 1),
        new ScriptOptions(steps, keys, 3, 600, 0, 20),
        UnaryOperator.identity());
  }

  static TransactionWorkload store(StoreOptions options, int steps) {
    return new TransactionWorkload(
        "store",
        StoreSubject.factory(options),
        new ScriptOptions(steps, 600, 3, 500, 9000, 20),
        UnaryOperator.identity());
  }

  private static SweepOptions options(long seed) {
    return SweepOptions.defaults(seed)
        .withPlans(CrashPlan.full(), CrashPlan.brief())
        .withoutShrinking()
        .withBudget(40_000, LONGEST);
  }

  static <S> Finding sweep(long seed, Workload<S> workload) {
    return sweep(workload, options(seed));
  }

  static <S> Finding sweep(Workload<S> workload, SweepOptions options) {
    SweepReport report = Sweep.run(workload, options, Environment.system());
    return new Finding(
        report.states(),
        report.failures().isEmpty() ? null : report.failures().getFirst().getMessage());
  }

  private interface Attempt {
    void at(long nth);
  }

  private static Finding attempts(int most, Attempt attempt) {
    Environment clock = Environment.system();
    long until = clock.nanoTime() + LONGEST.toNanos();
    for (int nth = 0; nth < most && clock.nanoTime() < until; nth++) {
      int now = nth;
      String wrong = wrong(() -> attempt.at(now));
      if (wrong != null) {
        return new Finding(nth + 1, wrong);
      }
    }
    return new Finding(most, null);
  }

  private static @Nullable String wrong(Runnable attempt) {
    try {
      attempt.run();
      return null;
    } catch (RuntimeException | AssertionError e) {
      return e.toString();
    }
  }

  private static void fullDisk(long seed, long nth) {
    FaultRun run = new FaultRun(store(StoreSubject.tiny(), 700), seed);
    run.open();
    run.work(100);
    run.disk().inject(Fault.forEver(IoKind.WRITE, "", nth, Fault.Action.ENOSPC));
    run.work(400);
    run.checkCrashes();
    run.disk().heal();
    long before = run.refused();
    run.work(200);
    if (run.refused() != before) {
      throw new AssertionError("freeing space was not enough");
    }
    run.checkCleanRestart();
  }
}
