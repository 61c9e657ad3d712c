package dev.redoubt.crash.history;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HistoryTest {
  @TempDir Path folder;

  private final Recorder recorder = new Recorder(new Ticks()::next);

  @Test
  void lineIsInTheFormOfJepsen() {
    Operation op =
        new Operation(
            4,
            Operation.Type.OK,
            2,
            "txn",
            List.of(
                new MicroOp.Read("x", Elements.of(1, 2)),
                new MicroOp.Read("gone", null),
                new MicroOp.Read("n", Value.of(-5)),
                new MicroOp.Append("y", 7),
                new MicroOp.Write("z", 8),
                new MicroOp.Add("c", -1),
                new MicroOp.Scan("a", "m", false, List.of(new MicroOp.Entry("b", Elements.of()))),
                new MicroOp.Scan("a", "m", true, null),
                new MicroOp.Savepoint(1),
                new MicroOp.RollbackTo(1)),
            1200,
            null);
    String line =
        "{\"index\":4,\"type\":\"ok\",\"process\":2,\"f\":\"txn\",\"value\":["
            + "[\"r\",\"x\",[1,2]],[\"r\",\"gone\",null],[\"r\",\"n\",-5],[\"append\",\"y\",7],"
            + "[\"w\",\"z\",8],[\"add\",\"c\",-1],[\"scan\",\"a\",\"m\",[[\"b\",[]]]],"
            + "[\"rscan\",\"a\",\"m\",null],[\"savepoint\",1],[\"rollback-to\",1]],\"time\":1200}";
    assertEquals(line, HistoryFile.line(op));
    assertEquals(op, HistoryFile.parse(line));
  }

  @Test
  void everyHistoryComesBackFromItsFile() throws IOException {
    for (long seed = 0; seed < 20; seed++) {
      History history = random(new SplittableRandom(seed));
      Path file = folder.resolve(seed + ".jsonl");
      HistoryFile.write(file, history);
      assertEquals(history.operations(), HistoryFile.read(file).operations(), "seed " + seed);
    }
  }

  @Test
  void whatIsRecordedIsInTheFileAtOnce() throws IOException {
    Path file = folder.resolve("now.jsonl");
    try (HistoryFile sink = HistoryFile.create(file)) {
      Recorder both = new Recorder(new Ticks()::next, sink);
      Session session = both.session();
      session.invoke("txn", List.of(MicroOp.read("x")));
      assertEquals(both.history().operations(), HistoryFile.read(file).operations());
      session.fail(List.of(), "conflict: \"x\" is owned\nby another");
      assertEquals(both.history().operations(), HistoryFile.read(file).operations());
    }
    assertEquals(2, Files.readAllLines(file).size());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "[]",
        "{\"index\":0}",
        "{\"index\":0,\"type\":\"done\",\"process\":1,\"f\":\"t\",\"value\":[],\"time\":1}",
        "{\"index\":0,\"type\":\"ok\",\"process\":1,\"f\":\"t\",\"value\":[[\"x\"]],\"time\":1}",
        "{\"index\":0,\"type\":\"ok\",\"process\":1,\"f\":\"t\",\"value\":[],\"time\":1,\"a\":2}",
        "{\"index\":0,\"type\":\"ok\",\"process\":1,\"f\":\"t\",\"value\":[],\"time\":1} x",
        "{\"index\":0,\"type\":\"ok\",\"process\":1,\"f\":\"t\",\"value\":[[\"w\",\"a\"]],\"time\":1}",
        "{\"index\":0,\"type\":\"ok\",\"process\":1,\"f\":\"t\","
            + "\"value\":[[\"w\",\"a\",1,2]],\"time\":1}",
      })
  void whatIsNoOperationIsRefusedByLine(String line) throws IOException {
    Path file = folder.resolve("bad.jsonl");
    Files.writeString(file, line + "\n");
    Exception refused = assertThrows(IllegalArgumentException.class, () -> HistoryFile.read(file));
    assertTrue(refused.toString().contains("line 1"), refused.toString());
  }

  @Test
  void afterInfoAClientGoesOnAsAnotherProcess() {
    Session session = recorder.session();
    long before = session.process();
    session.invoke("txn", List.of());
    session.info(List.of(new MicroOp.Write("x", 1)), "timeout");
    assertFalse(before == session.process());
    session.invoke("txn", List.of());
    session.ok(List.of());
    List<Transaction> transactions = recorder.history().transactions();
    assertEquals(Operation.Type.INFO, transactions.get(0).outcome());
    assertEquals(List.of(new MicroOp.Write("x", 1)), transactions.get(0).steps());
    assertEquals(Long.MAX_VALUE, transactions.get(0).ended());
    assertTrue(transactions.get(1).isAcknowledged());
  }

  @Test
  void clientAsksForOneThingAtATime() {
    Session session = recorder.session();
    assertThrows(IllegalStateException.class, () -> session.ok(List.of()));
    session.invoke("txn", List.of());
    assertThrows(IllegalStateException.class, () -> session.invoke("txn", List.of()));
  }

  @Test
  void whatIsOpenAtTheEndIsUnknown() {
    recorder.session().invoke("txn", List.of(new MicroOp.Append("x", 3)));
    Transaction only = recorder.history().transactions().getFirst();
    assertEquals(Operation.Type.INFO, only.outcome());
    assertEquals(List.of(new MicroOp.Append("x", 3)), only.steps());
  }

  @Test
  void whatWasPlannedToBeReadSaysNothing() {
    MicroOp append = new MicroOp.Append("x", 1);
    recorder.session().invoke("txn", List.of(MicroOp.read("x"), append, MicroOp.scan("a", "z")));
    assertEquals(List.of(append), recorder.history().transactions().getFirst().steps());
  }

  @Test
  void whatIsNoHistoryIsRefused() {
    Operation invoke = op(0, Operation.Type.INVOKE, 1, "txn");
    refused(op(0, Operation.Type.OK, 1, "txn"));
    refused(invoke, op(0, Operation.Type.OK, 1, "txn"));
    refused(invoke, op(1, Operation.Type.OK, 2, "txn"));
    refused(invoke, op(1, Operation.Type.OK, 1, "other"));
    refused(invoke, op(1, Operation.Type.INVOKE, 1, "txn"));
    refused(invoke, op(1, Operation.Type.INFO, 1, "txn"), op(2, Operation.Type.INVOKE, 1, "txn"));
  }

  private static void refused(Operation... operations) {
    assertThrows(IllegalArgumentException.class, () -> new History(List.of(operations)));
  }

  private static Operation op(long index, Operation.Type type, long process, String f) {
    return new Operation(index, type, process, f, List.of(), index, null);
  }

  @Test
  void returnToASavepointUndoesWhatIsInBetween() {
    Session session = recorder.session();
    session.invoke("txn", List.of());
    session.ok(
        List.of(
            new MicroOp.Append("x", 1),
            new MicroOp.Savepoint(1),
            new MicroOp.Append("x", 2),
            new MicroOp.RollbackTo(1),
            new MicroOp.Append("x", 3)));
    Transaction only = recorder.history().transactions().getFirst();
    assertFalse(only.isUndone(0));
    assertTrue(only.isUndone(2));
    assertFalse(only.isUndone(4));
  }

  @Test
  void valuesComeBackFromTheirTexts() {
    for (Value value :
        List.of(Value.of(-3), Elements.of(), Elements.of(5), Elements.of(1, -2, Long.MAX_VALUE))) {
      assertEquals(value, Value.parse(value.text()));
    }
    for (String wrong : List.of("", "x", "[", "[1", "[1,]", "[,]", "1,2")) {
      assertThrows(IllegalArgumentException.class, () -> Value.parse(wrong), wrong);
    }
  }

  @Test
  void listsGrowAndAreCompared() {
    Elements two = Elements.of(1).with(2);
    assertEquals(Elements.of(1, 2), two);
    assertTrue(Elements.of().isPrefixOf(two));
    assertTrue(two.isPrefixOf(two));
    assertFalse(Elements.of(2).isPrefixOf(two));
    assertFalse(two.isPrefixOf(Elements.of(1)));
    assertEquals(Elements.of(1), two.first(1));
    assertEquals(2, two.last());
  }

  private static History random(SplittableRandom random) {
    Recorder recorder = new Recorder(new Ticks()::next);
    Session[] sessions = {recorder.session(), recorder.session(), recorder.session()};
    boolean[] busy = new boolean[sessions.length];
    for (int i = 0; i < 200; i++) {
      int s = random.nextInt(sessions.length);
      List<MicroOp> steps = steps(random);
      if (!busy[s]) {
        sessions[s].invoke("txn", steps);
      } else {
        switch (random.nextInt(3)) {
          case 0 -> sessions[s].ok(steps);
          case 1 -> sessions[s].fail(steps, "conflict é \" \\ \u2028");
          default -> sessions[s].info(steps, "timeout");
        }
      }
      busy[s] = !busy[s];
    }
    return recorder.history();
  }

  private static List<MicroOp> steps(SplittableRandom random) {
    List<MicroOp> steps = new ArrayList<>();
    steps.add(new MicroOp.Savepoint(1));
    for (int i = random.nextInt(6); i > 0; i--) {
      String key = "k" + random.nextInt(9);
      steps.add(
          switch (random.nextInt(6)) {
            case 0 -> new MicroOp.Read(key, random.nextBoolean() ? null : Elements.of(1, 2));
            case 1 -> new MicroOp.Write(key, random.nextLong());
            case 2 -> new MicroOp.Append(key, random.nextLong());
            case 3 -> new MicroOp.Add(key, random.nextLong());
            case 4 ->
                new MicroOp.Scan(
                    "a",
                    "~",
                    random.nextBoolean(),
                    List.of(new MicroOp.Entry(key, Value.of(random.nextLong()))));
            default -> new MicroOp.RollbackTo(1);
          });
    }
    return steps;
  }

  /** A clock that moves by one at each look. */
  private static final class Ticks {
    private long now;

    long next() {
      return now++;
    }
  }
}
