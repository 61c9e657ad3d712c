package dev.redoubt.kv;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What {@link Salvage} found.
 *
 * @param recovered whether restart was possible, in memory: then what was saved is exactly what was
 *     committed, but for what is named here
 * @param trees by id; the catalog among them only if something of it is lost
 * @param notes what else there is to know, a line each
 */
public record SalvageReport(boolean recovered, List<TreeResult> trees, List<String> notes) {
  /** Copies the lists. */
  public SalvageReport {
    trees = List.copyOf(trees);
    notes = List.copyOf(notes);
  }

  /** Whether all that was committed is there for certain. */
  public boolean isComplete() {
    return recovered
        && trees.stream().allMatch(tree -> tree.lost().isEmpty() && tree.uncertain().isEmpty());
  }

  /** Entries saved. */
  public long entries() {
    return trees.stream().mapToLong(TreeResult::entries).sum();
  }

  /**
   * What became of a tree.
   *
   * @param entries that were saved
   * @param lost what is missing
   * @param uncertain what may not be what was committed last
   */
  public record TreeResult(
      SalvagedTree tree, long entries, List<Range> lost, List<Range> uncertain) {
    /** Copies the lists. */
    public TreeResult {
      lost = List.copyOf(lost);
      uncertain = List.copyOf(uncertain);
    }
  }

  /**
   * Keys of a tree, in the order of their bytes.
   *
   * @param lower the first; empty for no bound
   * @param upper where the range ends, itself not in it; null for no bound
   * @param single whether it is the key {@code lower} alone
   * @param why what is wrong
   */
  @SuppressWarnings("ArrayRecordComponent") // compared by contains
  public record Range(byte[] lower, byte @Nullable [] upper, boolean single, String why) {
    /** Whether the key lies in it. */
    public boolean contains(byte[] key) {
      int order = java.util.Arrays.compareUnsigned(key, lower);
      return single
          ? order == 0
          : order >= 0 && (upper == null || java.util.Arrays.compareUnsigned(key, upper) < 0);
    }
  }
}
