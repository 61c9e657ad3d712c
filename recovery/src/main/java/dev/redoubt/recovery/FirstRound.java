package dev.redoubt.recovery;

/**
 * What analysis grouped for redo on its way, so that a log within the budget is read once.
 *
 * @param reader has sorted it, and goes on with the rounds after it
 * @param round its end is where the next one begins, or the end of the log
 */
record FirstRound(RoundReader reader, RedoRound round) {}
