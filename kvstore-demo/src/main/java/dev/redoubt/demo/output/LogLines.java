package dev.redoubt.demo.output;

import dev.redoubt.io.StorageException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * What the engine logs, as the program says everything on standard error: a line each. A stack
 * trace comes with an error of the program only: what is wrong with a store stands in the message.
 */
public final class LogLines {
  private static final String CONFIGURED = "java.util.logging.config.";

  private LogLines() {}

  /** Has the console show such lines, unless whoever started the JVM has configured logging. */
  public static void install() {
    if (System.getProperty(CONFIGURED + "file") == null
        && System.getProperty(CONFIGURED + "class") == null) {
      for (Handler handler : Logger.getLogger("").getHandlers()) {
        handler.setFormatter(new Lines());
      }
    }
  }

  private static final class Lines extends Formatter {
    @Override
    public String format(LogRecord logged) {
      return text(formatMessage(logged), logged.getThrown());
    }
  }

  static String text(String message, @Nullable Throwable thrown) {
    StringWriter text = new StringWriter();
    PrintWriter lines = new PrintWriter(text);
    lines.println("redoubt: " + message);
    if (thrown != null && !(thrown instanceof StorageException)) {
      thrown.printStackTrace(lines);
    }
    return text.toString();
  }
}
