package dev.redoubt.demo.command;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.redoubt.demo.output.InputException;
import dev.redoubt.io.CorruptionException;
import dev.redoubt.io.DiskFullException;
import dev.redoubt.io.StoreLockedException;
import dev.redoubt.kv.TooLargeException;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class FailureTest {
  @Test
  void errorsOfTheStoreKeepTheirCodeAndExitWithThree() {
    assertEquals(new Failure("corrupt", "x", 3), Failure.of(new CorruptionException("x")));
    assertEquals(new Failure("disk-full", "x", 3), Failure.of(new DiskFullException("x")));
    assertEquals(new Failure("locked", "x", 3), Failure.of(new StoreLockedException("x")));
  }

  @Test
  void badInputExitsWithTwo() {
    assertEquals(2, Failure.of(new InputException("bad-line", "x")).exitCode());
    assertEquals(2, Failure.of(new TooLargeException("x")).exitCode());
    assertEquals(2, Failure.of(new IllegalArgumentException("x")).exitCode());
  }

  @Test
  void whatNobodyForesawExitsWithThree() {
    assertEquals(
        new Failure("internal", "internal error: java.lang.IllegalStateException: x", 3),
        Failure.of(new IllegalStateException("x")));
  }

  @Test
  void messageIsOneLine() {
    Failure failure = new Failure("c", "a\n  b\r\nc", 3);
    assertEquals("redoubt: a b c" + System.lineSeparator(), printed(failure, false));
    assertEquals(
        "{\"error\":{\"code\":\"c\",\"message\":\"a b c\"}}" + System.lineSeparator(),
        printed(failure, true));
  }

  private static String printed(Failure failure, boolean json) {
    StringWriter text = new StringWriter();
    failure.print(new PrintWriter(text), json);
    return text.toString();
  }
}
