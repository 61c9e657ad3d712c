package dev.redoubt.demo.serve;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The words of a line. One space stands between two, so a word may be empty; inside one a space, a
 * percent sign and control characters are written as {@code %} and two hexadecimal digits a byte.
 */
public final class Words {
  private static final int HEX = 16;
  private static final String DIGITS = "0123456789ABCDEF";

  private Words() {}

  /** One line, without its end. */
  public static String join(List<String> words) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < words.size(); i++) {
      if (i > 0) {
        line.append(' ');
      }
      escape(words.get(i), line);
    }
    return line.toString();
  }

  /**
   * The words of a line; one at least.
   *
   * @throws IllegalArgumentException if a percent sign is not followed by two hexadecimal digits,
   *     or what they make is not UTF-8
   */
  public static List<String> split(String line) {
    List<String> words = new ArrayList<>();
    int start = 0;
    for (int end = line.indexOf(' '); end >= 0; end = line.indexOf(' ', start)) {
      words.add(plain(line.substring(start, end)));
      start = end + 1;
    }
    words.add(plain(line.substring(start)));
    return words;
  }

  private static void escape(String word, StringBuilder line) {
    for (int i = 0; i < word.length(); i++) {
      char c = word.charAt(i);
      if (c <= ' ' || c == '%' || c == 0x7f) {
        line.append('%').append(DIGITS.charAt(c / HEX)).append(DIGITS.charAt(c % HEX));
      } else {
        line.append(c);
      }
    }
  }

  private static String plain(String word) {
    if (word.indexOf('%') < 0) {
      return word;
    }
    byte[] bytes = word.getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream plain = new ByteArrayOutputStream(bytes.length);
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == '%') {
        plain.write(digit(bytes, i + 1, word) * HEX + digit(bytes, i + 2, word));
        i += 2;
      } else {
        plain.write(bytes[i]);
      }
    }
    try {
      ByteBuffer decoded = ByteBuffer.wrap(plain.toByteArray());
      return StandardCharsets.UTF_8.newDecoder().decode(decoded).toString();
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException("not UTF-8: '" + word + "'", e);
    }
  }

  private static int digit(byte[] bytes, int index, String word) {
    int digit = index < bytes.length ? Character.digit(bytes[index], HEX) : -1;
    if (digit < 0) {
      throw new IllegalArgumentException(
          "a percent sign needs two hexadecimal digits behind it (%25 is the sign itself): '"
              + word
              + "'");
    }
    return digit;
  }
}
