/**
 * Checkers: judge a history without knowing the store. {@link
 * dev.redoubt.crash.check.SerializabilityChecker} finds dependency cycles and names them as Adya
 * did; the others hold one invariant each. Each finding is an {@link
 * dev.redoubt.crash.check.Anomaly} that tells its story with the operations of the history.
 *
 * <p>Sources: Adya, Liskov, O'Neil, "Generalized Isolation Level Definitions" (2000); Kingsbury,
 * Alvaro, "Elle: Inferring Isolation Anomalies from Experimental Observations" (2020).
 */
@NullMarked
package dev.redoubt.crash.check;

import org.jspecify.annotations.NullMarked;
