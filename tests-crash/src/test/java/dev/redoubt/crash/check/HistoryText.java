package dev.redoubt.crash.check;

import dev.redoubt.crash.history.Elements;
import dev.redoubt.crash.history.History;
import dev.redoubt.crash.history.MicroOp;
import dev.redoubt.crash.history.Recorder;
import dev.redoubt.crash.history.Session;
import dev.redoubt.crash.history.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Small histories as texts, one event a line: {@code "1 begin"}, {@code "1 ok r x [1,2]; append y
 * 3"}, {@code "1 fail ..."}, {@code "1 info ..."}; {@code "1 does ..."} begins and is acknowledged
 * at once, {@code "1 final ..."} is such a final read.
 */
final class HistoryText {
  private HistoryText() {}

  static History of(String text) {
    long[] clock = new long[1];
    Recorder recorder = new Recorder(() -> clock[0]++);
    Map<String, Session> sessions = new HashMap<>();
    text.lines()
        .map(String::strip)
        .filter(l -> !l.isEmpty())
        .forEach(l -> add(l, recorder, sessions));
    return recorder.history();
  }

  private static void add(String line, Recorder recorder, Map<String, Session> sessions) {
    String[] words = line.split(" ", 3);
    Session session = sessions.computeIfAbsent(words[0], _ -> recorder.session());
    List<MicroOp> steps = words.length < 3 ? List.of() : steps(words[2]);
    switch (words[1]) {
      case "begin" -> session.invoke("txn", steps);
      case "ok" -> session.ok(steps);
      case "fail" -> session.fail(steps, "conflict");
      case "info" -> session.info(steps, "timeout");
      case "does" -> {
        session.invoke("txn", steps);
        session.ok(steps);
      }
      case "final" -> {
        session.invoke(History.FINAL_READ, steps);
        session.ok(steps);
      }
      default -> throw new IllegalArgumentException(line);
    }
  }

  private static List<MicroOp> steps(String text) {
    List<MicroOp> steps = new ArrayList<>();
    for (String step : text.split(";", -1)) {
      String[] words = step.strip().split(" ", -1);
      steps.add(
          switch (words[0]) {
            case "r" -> new MicroOp.Read(words[1], value(words[2]));
            case "w" -> new MicroOp.Write(words[1], Long.parseLong(words[2]));
            case "append" -> new MicroOp.Append(words[1], Long.parseLong(words[2]));
            case "add" -> new MicroOp.Add(words[1], Long.parseLong(words[2]));
            case "savepoint" -> new MicroOp.Savepoint(Integer.parseInt(words[1]));
            case "rollback-to" -> new MicroOp.RollbackTo(Integer.parseInt(words[1]));
            case "scan", "rscan" -> scan(words);
            default -> throw new IllegalArgumentException(text);
          });
    }
    return steps;
  }

  /** {@code scan a z x=[1] y=2}. */
  private static MicroOp scan(String[] words) {
    List<MicroOp.Entry> found = new ArrayList<>();
    for (int i = 3; i < words.length; i++) {
      String[] entry = words[i].split("=", -1);
      found.add(new MicroOp.Entry(entry[0], Value.parse(entry[1])));
    }
    return new MicroOp.Scan(words[1], words[2], words[0].equals("rscan"), found);
  }

  private static @Nullable Value value(String text) {
    if (text.equals("nil")) {
      return null;
    }
    return text.equals("[]") ? Elements.of() : Value.parse(text);
  }
}
