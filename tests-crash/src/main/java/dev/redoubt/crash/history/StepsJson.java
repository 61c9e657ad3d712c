package dev.redoubt.crash.history;

import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.JsonWriter;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The steps of a transaction as JSON. */
final class StepsJson {
  private StepsJson() {}

  static void write(JsonWriter json, List<MicroOp> steps) throws IOException {
    json.beginArray();
    for (MicroOp step : steps) {
      json.beginArray();
      write(json, step);
      json.endArray();
    }
    json.endArray();
  }

  private static void write(JsonWriter json, MicroOp step) throws IOException {
    switch (step) {
      case MicroOp.Read(String key, Value found) -> {
        json.value("r").value(key);
        write(json, found);
      }
      case MicroOp.Write(String key, long value) -> json.value("w").value(key).value(value);
      case MicroOp.Append(String key, long element) ->
          json.value("append").value(key).value(element);
      case MicroOp.Add(String key, long delta) -> json.value("add").value(key).value(delta);
      case MicroOp.Scan scan -> write(json, scan);
      case MicroOp.Savepoint(int number) -> json.value("savepoint").value(number);
      case MicroOp.RollbackTo(int number) -> json.value("rollback-to").value(number);
    }
  }

  private static void write(JsonWriter json, MicroOp.Scan scan) throws IOException {
    json.value(scan.descending() ? "rscan" : "scan").value(scan.from()).value(scan.to());
    if (scan.found() == null) {
      json.nullValue();
      return;
    }
    json.beginArray();
    for (MicroOp.Entry entry : scan.found()) {
      json.beginArray().value(entry.key());
      write(json, entry.value());
      json.endArray();
    }
    json.endArray();
  }

  private static void write(JsonWriter json, @Nullable Value value) throws IOException {
    switch (value) {
      case null -> json.nullValue();
      case Value.Single(long number) -> json.value(number);
      case Elements elements -> {
        json.beginArray();
        for (int i = 0; i < elements.size(); i++) {
          json.value(elements.at(i));
        }
        json.endArray();
      }
    }
  }

  static List<MicroOp> read(JsonReader json) throws IOException {
    List<MicroOp> steps = new ArrayList<>();
    json.beginArray();
    while (json.hasNext()) {
      json.beginArray();
      steps.add(step(json));
      json.endArray();
    }
    json.endArray();
    return steps;
  }

  private static MicroOp step(JsonReader json) throws IOException {
    String name = json.nextString();
    return switch (name) {
      case "r" -> new MicroOp.Read(json.nextString(), value(json));
      case "w" -> new MicroOp.Write(json.nextString(), json.nextLong());
      case "append" -> new MicroOp.Append(json.nextString(), json.nextLong());
      case "add" -> new MicroOp.Add(json.nextString(), json.nextLong());
      case "scan", "rscan" ->
          new MicroOp.Scan(
              json.nextString(), json.nextString(), name.equals("rscan"), entries(json));
      case "savepoint" -> new MicroOp.Savepoint(json.nextInt());
      case "rollback-to" -> new MicroOp.RollbackTo(json.nextInt());
      default -> throw new IllegalStateException("an unknown step: " + name);
    };
  }

  private static @Nullable List<MicroOp.Entry> entries(JsonReader json) throws IOException {
    if (json.peek() == JsonToken.NULL) {
      json.nextNull();
      return null;
    }
    List<MicroOp.Entry> entries = new ArrayList<>();
    json.beginArray();
    while (json.hasNext()) {
      json.beginArray();
      String key = json.nextString();
      Value value = value(json);
      if (value == null) {
        throw new IllegalStateException("a scan found a key without a value: " + key);
      }
      entries.add(new MicroOp.Entry(key, value));
      json.endArray();
    }
    json.endArray();
    return entries;
  }

  private static @Nullable Value value(JsonReader json) throws IOException {
    return switch (json.peek()) {
      case NULL -> {
        json.nextNull();
        yield null;
      }
      case BEGIN_ARRAY -> elements(json);
      default -> Value.of(json.nextLong());
    };
  }

  private static Elements elements(JsonReader json) throws IOException {
    long[] numbers = new long[8];
    int size = 0;
    json.beginArray();
    while (json.hasNext()) {
      if (size == numbers.length) {
        numbers = Arrays.copyOf(numbers, 2 * size);
      }
      numbers[size++] = json.nextLong();
    }
    json.endArray();
    return Elements.of(Arrays.copyOf(numbers, size));
  }
}
