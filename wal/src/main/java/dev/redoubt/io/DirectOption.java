package dev.redoubt.io;

import java.nio.file.OpenOption;
import org.jspecify.annotations.Nullable;

/**
 * The JDK's open option for direct transfers. It is named by a string because naming it in source
 * is a warning that cannot be suppressed.
 */
final class DirectOption {
  private static final @Nullable OpenOption DIRECT = find();

  private DirectOption() {}

  /**
   * The option.
   *
   * @throws UnsupportedOperationException if this JDK has none
   */
  static OpenOption direct() {
    if (DIRECT == null) {
      throw new UnsupportedOperationException("no direct transfers in this JDK");
    }
    return DIRECT;
  }

  private static @Nullable OpenOption find() {
    try {
      Class<?> options = Class.forName("com.sun.nio.file.ExtendedOpenOption");
      for (Object constant : options.getEnumConstants()) {
        if (constant instanceof OpenOption option && option.toString().equals("DIRECT")) {
          return option;
        }
      }
      return null;
    } catch (ClassNotFoundException e) {
      return null;
    }
  }
}
