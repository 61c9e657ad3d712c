package dev.redoubt.demo.output;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class JsonTest {
  /** Public, as all records are that the program writes. */
  public record Sample(int pages, Duration delay, @Nullable String problem) {}

  @Test
  void objectsKeepTheOrderOfTheirMembers() {
    assertEquals(
        "{\"b\":1,\"a\":true,\"c\":null}", Json.of(Json.object("b", 1, "a", true, "c", null)));
  }

  @Test
  void recordsAreObjectsAndDurationsMilliseconds() {
    Sample sample = new Sample(3, Duration.ofNanos(1_234_567), null);
    assertEquals("{\"pages\":3,\"delayMillis\":1.235,\"problem\":null}", Json.of(sample));
  }

  @Test
  void listsAreArrays() {
    assertEquals("[1,\"x\",null,[]]", Json.of(Arrays.asList(1, "x", null, List.of())));
  }

  @Test
  void whatJsonCannotHoldInAStringIsEscaped() {
    assertEquals(
        "\"\\\"\\\\\\n\\r\\t\\u0000\\u001b\\u007f\\u2028\"",
        Json.of("\"\\\n\r\t\0\u001b\u007f\u2028"));
  }

  @Test
  void charactersOutsideTheBasicPlaneStayAndLoneSurrogatesAreEscaped() {
    assertEquals("\"\uD83D\uDE00\"", Json.of("\uD83D\uDE00"));
    assertEquals("\"\\ud83d\"", Json.of("\uD83D"));
    assertEquals("\"\\ude00x\"", Json.of("\uDE00x"));
    assertEquals("\"\\ud83dx\"", Json.of("\uD83Dx"));
  }

  @Test
  void numbersThatJsonDoesNotKnowAreNull() {
    assertEquals(
        "[null,null,0.5,-3]", Json.of(List.of(Double.NaN, Float.NEGATIVE_INFINITY, 0.5, -3L)));
  }
}
