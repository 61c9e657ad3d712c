package dev.redoubt.demo.output;

import dev.redoubt.io.StorageException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Map;
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

  /**
   * Has the console show such lines, unless whoever started the JVM has configured logging.
   *
   * @param json whether each is to be a JSON object, {@code {"log":{"level":...,"message":...}}}
   */
  public static void install(boolean json) {
    if (System.getProperty(CONFIGURED + "file") == null
        && System.getProperty(CONFIGURED + "class") == null) {
      for (Handler handler : Logger.getLogger("").getHandlers()) {
        handler.setFormatter(new Lines(json));
      }
    }
  }

  private static final class Lines extends Formatter {
    private final boolean json;

    Lines(boolean json) {
      this.json = json;
    }

    @Override
    public String format(LogRecord logged) {
      String message = formatMessage(logged);
      return json
          ? json(logged.getLevel().getName(), message, logged.getThrown())
          : text(message, logged.getThrown());
    }
  }

  static String json(String level, String message, @Nullable Throwable thrown) {
    Map<String, @Nullable Object> log = Json.object("level", level, "message", message);
    if (thrown != null && !(thrown instanceof StorageException)) {
      log.put("stackTrace", trace(thrown));
    }
    return Json.of(Json.object("log", log)) + System.lineSeparator();
  }

  private static String trace(Throwable thrown) {
    StringWriter text = new StringWriter();
    PrintWriter lines = new PrintWriter(text);
    thrown.printStackTrace(lines);
    lines.flush();
    return text.toString();
  }

  static String text(String message, @Nullable Throwable thrown) {
    String line = "redoubt: " + message + System.lineSeparator();
    return thrown == null || thrown instanceof StorageException ? line : line + trace(thrown);
  }
}
