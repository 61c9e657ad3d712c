package dev.redoubt.crash.history;

import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.JsonWriter;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A history on disk, in Jepsen's form: one JSON object a line.
 *
 * <pre>{@code
 * {"index":0,"type":"invoke","process":3,"f":"txn","value":[["r","x",null],["append","y",7]],"time":1200}
 * {"index":1,"type":"ok","process":3,"f":"txn","value":[["r","x",[1,2]],["append","y",7]],"time":9100}
 * }</pre>
 *
 * Steps: {@code ["r",key,value]}, {@code ["w",key,number]}, {@code ["append",key,number]}, {@code
 * ["add",key,number]}, {@code ["scan",from,to,[[key,value],...]]} and {@code ["rscan",...]} from
 * above, {@code ["savepoint",number]}, {@code ["rollback-to",number]}. A value is a number or a
 * list of numbers, or null where a key is absent or nothing has been read yet. What did not go well
 * has an {@code "error"} too.
 */
public final class HistoryFile implements Consumer<Operation>, AutoCloseable {
  private final Writer writer;

  private HistoryFile(Writer writer) {
    this.writer = writer;
  }

  /** Begins a new file, in place of an old one; each operation given is in it at return. */
  public static HistoryFile create(Path path) throws IOException {
    return new HistoryFile(Files.newBufferedWriter(path, StandardCharsets.UTF_8));
  }

  /** Writes a line. One thread at a time. */
  @Override
  public void accept(Operation operation) {
    try {
      writer.write(line(operation));
      writer.write('\n');
      writer.flush();
    } catch (IOException e) {
      throw new UncheckedIOException("a line of a history was not written", e);
    }
  }

  @Override
  public void close() throws IOException {
    writer.close();
  }

  /** Writes a whole history. */
  public static void write(Path path, History history) throws IOException {
    try (Writer out = Files.newBufferedWriter(path, StandardCharsets.UTF_8)) {
      for (Operation op : history.operations()) {
        out.write(line(op));
        out.write('\n');
      }
    }
  }

  /**
   * Reads a whole history.
   *
   * @throws IllegalArgumentException if it is none, naming the line
   */
  public static History read(Path path) throws IOException {
    List<Operation> operations = new ArrayList<>();
    try (BufferedReader in = Files.newBufferedReader(path, StandardCharsets.UTF_8)) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        try {
          operations.add(parse(line));
        } catch (IllegalArgumentException e) {
          throw new IllegalArgumentException(
              path + ", line " + (operations.size() + 1) + ": " + e.getMessage(), e);
        }
      }
    }
    return new History(operations);
  }

  /** An operation as one line of JSON, without the end of the line. */
  public static String line(Operation operation) {
    StringWriter text = new StringWriter();
    try (JsonWriter json = new JsonWriter(text)) {
      json.beginObject();
      json.name("index").value(operation.index());
      json.name("type").value(operation.type().word());
      json.name("process").value(operation.process());
      json.name("f").value(operation.f());
      json.name("value");
      StepsJson.write(json, operation.value());
      json.name("time").value(operation.timeNanos());
      if (operation.error() != null) {
        json.name("error").value(operation.error());
      }
      json.endObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e); // a text in memory does not fail
    }
    return text.toString();
  }

  /**
   * The operation of a line.
   *
   * @throws IllegalArgumentException if it is none
   */
  public static Operation parse(String line) {
    try (JsonReader json = new JsonReader(new StringReader(line))) {
      json.setStrictness(Strictness.STRICT);
      Operation operation = operation(json);
      if (json.peek() != JsonToken.END_DOCUMENT) {
        throw new IllegalArgumentException("something stands behind the operation: " + line);
      }
      return operation;
    } catch (IOException | IllegalStateException | NumberFormatException e) {
      throw new IllegalArgumentException("not an operation of a history: " + line, e);
    }
  }

  private static Operation operation(JsonReader json) throws IOException {
    long index = -1;
    long process = -1;
    long time = 0;
    String type = "";
    String f = "";
    @Nullable String error = null;
    List<MicroOp> value = List.of();
    json.beginObject();
    while (json.hasNext()) {
      String name = json.nextName();
      switch (name) {
        case "index" -> index = json.nextLong();
        case "type" -> type = json.nextString();
        case "process" -> process = json.nextLong();
        case "f" -> f = json.nextString();
        case "value" -> value = StepsJson.read(json);
        case "time" -> time = json.nextLong();
        case "error" -> error = json.nextString();
        default -> throw new IllegalStateException("an unknown field: " + name);
      }
    }
    json.endObject();
    if (index < 0 || process < 0 || f.isEmpty()) {
      throw new IllegalStateException("index, process or f is missing");
    }
    Operation.Type kind = Operation.Type.valueOf(type.toUpperCase(Locale.ROOT));
    return new Operation(index, kind, process, f, value, time, error);
  }
}
