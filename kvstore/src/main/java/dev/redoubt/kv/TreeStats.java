package dev.redoubt.kv;

import dev.redoubt.kv.btree.TreeSurvey;
import org.jspecify.annotations.Nullable;

/**
 * Size and shape of a tree, about: every inner node was read, and at most some hundred leaves. What
 * leaves hold is counted in those and taken to be the same in the others.
 *
 * @param name of the tree
 * @param depth levels, 1 if all is in one page
 * @param innerPages nodes above the leaves
 * @param leafPages leaves
 * @param overflowPages of large values
 * @param entries in the leaves, those of transactions that have not ended too
 * @param ghosts removed entries whose space has not been taken back yet
 * @param fill part of the room in leaves that is used, from 0 to 1
 * @param exact whether every leaf was read, so that a tree that nobody changes has just these
 */
public record TreeStats(
    String name,
    int depth,
    long innerPages,
    long leafPages,
    long overflowPages,
    long entries,
    long ghosts,
    double fill,
    boolean exact) {
  private static final int SAMPLE = 128;

  static @Nullable TreeStats of(Catalog.@Nullable Entry tree) {
    if (tree == null) {
      return null;
    }
    TreeSurvey.Figures found = TreeSurvey.of(tree.tree(), SAMPLE);
    return new TreeStats(
        tree.name(),
        found.depth(),
        found.innerPages(),
        found.leafPages(),
        found.overflowPages(),
        found.entries(),
        found.ghosts(),
        found.fill(),
        found.sampledLeaves() >= found.leafPages());
  }

  /** All pages of the tree. */
  public long pages() {
    return innerPages + leafPages + overflowPages;
  }
}
