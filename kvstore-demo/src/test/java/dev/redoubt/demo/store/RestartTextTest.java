package dev.redoubt.demo.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.demo.inspect.Forecast;
import dev.redoubt.recovery.RecoveryReport;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a restart could not bring to its end, and who waits for a decision, is said everywhere. */
class RestartTextTest {
  private static RecoveryReport report(List<Long> pages, List<Long> losers, int inDoubt) {
    Duration time = Duration.ofMillis(5);
    return new RecoveryReport(
        false,
        true,
        Instant.EPOCH,
        1,
        2,
        900,
        899,
        30,
        4,
        5,
        6,
        0,
        0,
        0,
        2,
        17,
        1,
        3,
        pages,
        losers,
        inDoubt,
        time,
        time,
        time,
        time);
  }

  @Test
  void allIsSaidOfARestartThatMetDamageAndDoubt() {
    RecoveryReport report = report(List.of(10L), List.of(69L), 1);
    List<String> lines = RestartText.phases(report);
    assertTrue(lines.get(2).endsWith("1 loser rolled back, 1 in part, with 17 CLRs"), lines.get(2));
    List<String> besides =
        List.of(
            "1 page torn by the crash, restored from their copies",
            "3 damaged pages rebuilt from the log",
            "cannot be brought up to date: pages [10]; see 'redoubt help give-up'",
            "cannot be rolled back while a page they need is damaged: transactions [69]",
            "1 transaction in doubt; 'redoubt prepared' lists them");
    assertEquals(besides, lines.subList(3, lines.size()).stream().map(String::strip).toList());
    String oneLine = "2 losers, 17 CLRs); " + String.join("; ", besides);
    assertTrue(RestartText.summary(report).endsWith(oneLine), RestartText.summary(report));
    assertTrue(RestartText.kept(report).contains(oneLine), RestartText.kept(report));
    String forecast = new Forecast(report, List.of()).text();
    besides.forEach(each -> assertTrue(forecast.contains(each), each));
  }

  @Test
  void nothingIsSaidOfWhatWasNot() {
    RecoveryReport report =
        new RecoveryReport(
            false,
            true,
            Instant.EPOCH,
            1,
            2,
            900,
            899,
            30,
            4,
            5,
            6,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            List.of(),
            List.of(),
            0,
            Duration.ZERO,
            Duration.ZERO,
            Duration.ZERO,
            Duration.ZERO);
    assertEquals(3, RestartText.phases(report).size());
    assertTrue(RestartText.summary(report).endsWith("(0 losers)"), RestartText.summary(report));
  }
}
