package dev.redoubt.demo.store;

import dev.redoubt.demo.load.SalvageDump;
import dev.redoubt.demo.output.Json;
import dev.redoubt.demo.output.Text;
import dev.redoubt.kv.SalvageReport;
import dev.redoubt.kv.SalvageReport.Range;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Puts a {@link SalvageReport} into words. */
public final class SalvageText {
  private SalvageText() {}

  /** All of it, a line for each tree, range and note. */
  public static String of(SalvageReport report, List<SalvageDump.File> files) {
    StringBuilder text = new StringBuilder();
    for (SalvageReport.TreeResult each : report.trees()) {
      text.append("tree '").append(each.tree().label()).append("': ");
      text.append(Text.count(each.entries(), "entry", "entries")).append(" saved\n");
      each.lost().forEach(range -> text.append(line("lost", range)));
      each.uncertain().forEach(range -> text.append(line("uncertain", range)));
    }
    report.notes().forEach(note -> text.append("note: ").append(note).append('\n'));
    for (SalvageDump.File file : files) {
      text.append("redoubt load STORE ").append(file.name()).append(' ').append(file.load());
      text.append('\n');
    }
    return text.append(verdict(report)).append('\n').toString();
  }

  private static String verdict(SalvageReport report) {
    String saved = Text.count(report.entries(), "entry", "entries") + " saved";
    if (report.isComplete()) {
      return "complete: " + saved + ", all that was committed";
    }
    return "not complete: "
        + saved
        + (report.recovered() ? "" : "; restart was not possible, see the notes");
  }

  private static String line(String what, Range range) {
    return "  " + what + ": " + keys(range) + ": " + range.why() + "\n";
  }

  private static String keys(Range range) {
    byte[] upper = range.upper();
    if (range.single()) {
      return "key " + quoted(range.lower());
    }
    return "keys"
        + (range.lower().length == 0 ? " from the first" : " from " + quoted(range.lower()))
        + (upper == null ? " to the last" : " to below " + quoted(upper));
  }

  /** A key whole, as text where it is text. */
  private static String quoted(byte[] key) {
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(key)).toString();
      if (text.codePoints().noneMatch(Character::isISOControl)) {
        return '"' + text + '"';
      }
    } catch (CharacterCodingException e) {
      return "0x" + HexFormat.of().formatHex(key);
    }
    return "0x" + HexFormat.of().formatHex(key);
  }

  /** What became of a tree, for JSON; bounds in hexadecimal digits. */
  public static Map<String, @Nullable Object> json(SalvageReport.TreeResult result) {
    return Json.object(
        "id",
        result.tree().id(),
        "name",
        result.tree().name(),
        "keyCodec",
        result.tree().keyCodec(),
        "valueCodec",
        result.tree().valueCodec(),
        "entries",
        result.entries(),
        "lost",
        result.lost().stream().map(SalvageText::json).toList(),
        "uncertain",
        result.uncertain().stream().map(SalvageText::json).toList());
  }

  private static Map<String, @Nullable Object> json(Range range) {
    byte[] upper = range.upper();
    return Json.object(
        "lower",
        HexFormat.of().formatHex(range.lower()),
        "upper",
        upper == null ? null : HexFormat.of().formatHex(upper),
        "single",
        range.single(),
        "why",
        range.why());
  }
}
