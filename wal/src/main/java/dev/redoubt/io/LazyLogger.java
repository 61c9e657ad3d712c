package dev.redoubt.io;

import java.util.ResourceBundle;
import org.jspecify.annotations.Nullable;

/**
 * A logger that is made when there is something to say: the first one of a program takes some 50
 * ms, for which a store that has nothing to say should not wait when it opens. Thread-safe.
 *
 * <p>Being a {@link System.Logger} it is left out where the JDK's own backends look for who has
 * logged. Who logs when memory has run out has its logger made beforehand.
 */
public final class LazyLogger implements System.Logger {
  private final String name;
  private volatile System.@Nullable Logger logger;

  private LazyLogger(String name) {
    this.name = name;
  }

  /** The logger named like this class. */
  public static System.Logger of(Class<?> owner) {
    return new LazyLogger(owner.getName());
  }

  private System.Logger logger() {
    System.Logger made = logger;
    if (made == null) {
      made = System.getLogger(name); // made twice it is the same, or as good
      logger = made;
    }
    return made;
  }

  @Override
  public String getName() {
    return name;
  }

  @Override
  public boolean isLoggable(Level level) {
    return logger().isLoggable(level);
  }

  @Override
  public void log(
      Level level,
      @Nullable ResourceBundle bundle,
      @Nullable String message,
      @Nullable Throwable thrown) {
    logger().log(level, bundle, message, thrown);
  }

  @Override
  public void log(
      Level level,
      @Nullable ResourceBundle bundle,
      @Nullable String format,
      @Nullable Object @Nullable ... parameters) {
    logger().log(level, bundle, format, parameters);
  }
}
