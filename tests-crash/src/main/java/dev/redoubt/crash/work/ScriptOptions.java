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
 */
public record ScriptOptions(
    int steps, int keys, int openAtOnce, int valueBytes, int longValueBytes, int asyncPercent) {}
