package dev.redoubt.demo.output;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class TextTest {
  @Test
  void countsHaveSeparatorsAndNouns() {
    assertEquals("171,075", Text.count(171_075));
    assertEquals("1 page", Text.count(1, "page"));
    assertEquals("0 pages", Text.count(0, "page"));
    assertEquals("2 entries", Text.count(2, "entry", "entries"));
  }

  @Test
  void bytesAreShownInTheLargestUnit() {
    assertEquals("1,023 bytes", Text.bytes(1023));
    assertEquals("1.0 KiB", Text.bytes(1024));
    assertEquals("2.5 MiB", Text.bytes(5L << 19));
    assertEquals("4.0 TiB", Text.bytes(4L << 40));
  }

  @Test
  void durationsAreShownInTheUnitThatFits() {
    assertEquals("under 1 ms", Text.duration(Duration.ofNanos(10)));
    assertEquals("999 ms", Text.duration(Duration.ofMillis(999)));
    assertEquals("2.4 s", Text.duration(Duration.ofMillis(2_400)));
    assertEquals("1 min 12 s", Text.duration(Duration.ofSeconds(72)));
  }

  @Test
  void rateOfNoTimeIsFinite() {
    assertEquals("5,000/s", Text.rate(5, Duration.ZERO));
    assertEquals("50/s", Text.rate(100, Duration.ofSeconds(2)));
  }

  @Test
  void fieldsAreAligned() {
    assertEquals("a       1\nlonger  x\n", new Fields().add("a", 1).add("longer", "x").toString());
  }
}
