package dev.redoubt.crash.work;

import dev.redoubt.crash.oracle.CommittedState;
import dev.redoubt.io.Disk;
import dev.redoubt.kv.StoreOptions;
import dev.redoubt.recovery.EngineOptions;
import java.nio.charset.StandardCharsets;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Opens stores and compares what they show with what {@link CommittedState} reads in the log beside
 * them, before anything is opened.
 */
public final class InterpretedLog {
  /** So long that the first segment is still in use at the end: the log reaches back. */
  private static final int SEGMENT_BYTES = 4 << 20;

  private InterpretedLog() {}

  /** The options with a log that reaches back to the beginning of any script of some hundreds. */
  public static StoreOptions wholeLog(StoreOptions options) {
    EngineOptions engine = options.engine();
    return options.withEngine(engine.withLog(engine.log().withSegmentBytes(SEGMENT_BYTES)));
  }

  /** Opens a store with these options, or throws if it shows anything else than its log says. */
  public static Subject.Factory factory(StoreOptions options) {
    return (disk, environment) -> {
      SortedMap<Integer, String> expected = committed(disk);
      StoreSubject subject = StoreSubject.open(disk, environment, options);
      SortedMap<Integer, String> shown = subject.contents().entries();
      if (!shown.equals(expected)) {
        subject.abandon();
        throw new AssertionError(
            "the log says "
                + new Contents(expected)
                + "\n  and the store shows "
                + new Contents(shown));
      }
      return subject;
    };
  }

  private static SortedMap<Integer, String> committed(Disk disk) {
    SortedMap<Integer, String> committed = new TreeMap<>();
    CommittedState.read(disk, "key-")
        .forEach(
            (key, value) ->
                committed.put(
                    Integer.parseInt(key.substring(4)), new String(value, StandardCharsets.UTF_8)));
    return committed;
  }
}
