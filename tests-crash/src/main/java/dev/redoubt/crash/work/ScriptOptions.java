package dev.redoubt.crash.work;

/**
 * What a script of transactions does. Immutable.
 *
 * @param steps single operations, in two lives with a clean restart between them
 * @param keys keys from 0 (the key {@code keys} itself is left to {@link TransactionWorkload})
 * @param openAtOnce transactions that are open at the same time
 * @param valueBytes longest ordinary value
 * @param longValueBytes length of a rare long value; 0 for none
 * @param asyncPercent of commits that do not wait
 * @param preparePercent of commits that are prepared first and decided some time later, perhaps
 *     after a crash
 * @param rangePercent of runs of removals that are one removal of a range
 */
public record ScriptOptions(
    int steps,
    int keys,
    int openAtOnce,
    int valueBytes,
    int longValueBytes,
    int asyncPercent,
    int preparePercent,
    int rangePercent) {
  /** Nothing is prepared, and no range removed. */
  public ScriptOptions(
      int steps, int keys, int openAtOnce, int valueBytes, int longValueBytes, int asyncPercent) {
    this(steps, keys, openAtOnce, valueBytes, longValueBytes, asyncPercent, 0, 0);
  }

  /** The same, with so many of the commits prepared first. */
  public ScriptOptions withPrepared(int percent) {
    return new ScriptOptions(
        steps, keys, openAtOnce, valueBytes, longValueBytes, asyncPercent, percent, rangePercent);
  }

  /** The same, with so many of the runs of removals as one range. */
  public ScriptOptions withRanges(int percent) {
    return new ScriptOptions(
        steps, keys, openAtOnce, valueBytes, longValueBytes, asyncPercent, preparePercent, percent);
  }
}
