package dev.redoubt.demo.show;

import dev.redoubt.recovery.RecoveryReport;
import java.time.Duration;

/**
 * One kill and what came after it. Numbers of transactions count from the first round on.
 *
 * @param time from the start of the writing process to the kill
 * @param acknowledged transactions acknowledged by then
 * @param acknowledgedCities cities in them
 * @param rolledBack transactions rolled back on purpose by then
 * @param inFlight transactions open at the kill
 * @param largeEntries entries put by the largest of those
 * @param checkpoints taken in this round
 * @param undoneBeforeSecondKill records undone when the restart was killed too; 0 if it was not
 * @param restart what the last restart of the round did
 * @param proof what was found then
 */
public record Round(
    Duration time,
    int acknowledged,
    long acknowledgedCities,
    int rolledBack,
    int inFlight,
    long largeEntries,
    int checkpoints,
    long undoneBeforeSecondKill,
    RecoveryReport restart,
    Proof proof) {}
