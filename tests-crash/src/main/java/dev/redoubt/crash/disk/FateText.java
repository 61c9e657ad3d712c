package dev.redoubt.crash.disk;

/** Fates as text, for lines that can be run again. */
final class FateText {
  private FateText() {}

  static String format(Fate fate) {
    return switch (fate) {
      case Fate.Lost _ -> "lost";
      case Fate.Kept _ -> "kept";
      case Fate.LengthOnly _ -> "length";
      case Fate.Prefix(int sectors) -> "prefix:" + sectors;
      case Fate.Suffix(int sectors) -> "suffix:" + sectors;
      case Fate.Sectors(long seed) -> "sectors:" + seed;
      case Fate.Garbage(long seed) -> "garbage:" + seed;
    };
  }

  static Fate parse(String text) {
    int colon = text.indexOf(':');
    String word = colon < 0 ? text : text.substring(0, colon);
    long number = colon < 0 ? 0 : Long.parseLong(text.substring(colon + 1));
    return switch (word) {
      case "lost" -> Fate.LOST;
      case "kept" -> Fate.KEPT;
      case "length" -> Fate.LENGTH_ONLY;
      case "prefix" -> new Fate.Prefix((int) number);
      case "suffix" -> new Fate.Suffix((int) number);
      case "sectors" -> new Fate.Sectors(number);
      case "garbage" -> new Fate.Garbage(number);
      default -> throw new IllegalArgumentException("not a fate: " + text);
    };
  }
}
