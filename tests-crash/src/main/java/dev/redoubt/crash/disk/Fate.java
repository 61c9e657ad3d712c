package dev.redoubt.crash.disk;

/**
 * What a power loss makes of one unforced write or directory entry. An entry knows only the first
 * two.
 */
public sealed interface Fate {
  /** Nothing of it arrived. */
  record Lost() implements Fate {}

  /** All of it arrived. */
  record Kept() implements Fate {}

  /** The first {@code sectors} sectors arrived, the others hold what they held. */
  record Prefix(int sectors) implements Fate {}

  /** The last {@code sectors} sectors arrived, the others hold what they held. */
  record Suffix(int sectors) implements Fate {}

  /** Each sector arrived or not, as the seed says. */
  record Sectors(long seed) implements Fate {}

  /** Each sector arrived, was left alone or turned into noise, as the seed says. */
  record Garbage(long seed) implements Fate {}

  /** The length of the file arrived, the bytes did not. */
  record LengthOnly() implements Fate {}

  /** The constants, since most decisions are one of them. */
  Fate LOST = new Lost();

  Fate KEPT = new Kept();
  Fate LENGTH_ONLY = new LengthOnly();
}
