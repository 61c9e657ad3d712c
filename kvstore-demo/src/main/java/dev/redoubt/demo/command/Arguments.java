package dev.redoubt.demo.command;

import dev.redoubt.demo.output.InputException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;

/** Checks of what was typed. */
final class Arguments {
  private Arguments() {}

  /**
   * The argument, if it arrived whole: the JVM reads arguments in the encoding of the locale, and
   * outside UTF-8 replaces what does not fit.
   *
   * @param name of the argument, for the message
   */
  static String utf8(String name, String argument) {
    boolean encodable = StandardCharsets.UTF_8.newEncoder().canEncode(argument);
    boolean replaced = argument.indexOf('\uFFFD') >= 0 && !localeIsUtf8();
    if (!encodable || replaced) {
      throw new InputException(
          "usage", name + " is not UTF-8 text; set a UTF-8 locale, such as LC_ALL=C.UTF-8");
    }
    return argument;
  }

  private static boolean localeIsUtf8() {
    String encoding = System.getProperty("sun.jnu.encoding", "UTF-8");
    return Charset.isSupported(encoding)
        && Charset.forName(encoding).equals(StandardCharsets.UTF_8);
  }
}
