package dev.redoubt.demo.show;

import dev.redoubt.kv.VerifyReport;
import java.time.Duration;
import java.util.List;

/**
 * What a demonstration showed.
 *
 * @param cities that were to be written
 * @param transactions that were to commit
 * @param rounds one for each kill of the writers
 * @param complete the proof for the store with everything in it
 * @param verify the check of every page and tree at the end
 * @param time all together
 */
public record Summary(
    int cities,
    int transactions,
    List<Round> rounds,
    Proof complete,
    VerifyReport verify,
    Duration time) {
  /** Whether every promise was kept. */
  public boolean holds() {
    return rounds.stream().allMatch(round -> round.proof().holds())
        && complete.holds()
        && complete.entries() == cities
        && verify.ok();
  }
}
