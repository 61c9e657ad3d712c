package dev.redoubt.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;

class LazyLoggerTest {
  private final List<LogRecord> said = new ArrayList<>();
  private final Handler handler =
      new Handler() {
        @Override
        public void publish(LogRecord line) {
          line.getSourceClassName(); // is found now, from the stack
          said.add(line);
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };

  @Test
  void whatIsSaidArrivesAsSaidByItsCaller() {
    Logger backend = Logger.getLogger(LazyLoggerTest.class.getName());
    backend.setUseParentHandlers(false);
    backend.addHandler(handler);
    try {
      System.Logger logger = LazyLogger.of(LazyLoggerTest.class);
      IllegalStateException thrown = new IllegalStateException("cause");
      logger.log(System.Logger.Level.WARNING, "it failed", thrown);
      logger.log(System.Logger.Level.INFO, "{0} of {1}", 1, 2);
      logger.log(System.Logger.Level.TRACE, "nobody hears");
      assertFalse(logger.isLoggable(System.Logger.Level.TRACE));
      assertEquals(LazyLoggerTest.class.getName(), logger.getName());
      assertEquals(2, said.size());
      assertEquals(Level.WARNING, said.get(0).getLevel());
      assertEquals("it failed", said.get(0).getMessage());
      assertEquals(thrown, said.get(0).getThrown());
      assertEquals(List.of(1, 2), List.of(said.get(1).getParameters()));
      assertEquals(LazyLoggerTest.class.getName(), said.get(0).getSourceClassName());
    } finally {
      backend.removeHandler(handler);
      backend.setUseParentHandlers(true);
    }
  }
}
