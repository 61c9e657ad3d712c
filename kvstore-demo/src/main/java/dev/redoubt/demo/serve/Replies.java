package dev.redoubt.demo.serve;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Writes replies, one line each. Confined to one thread. */
final class Replies {
  private static final int BUFFER_BYTES = 8 << 10;

  private final OutputStream out;

  Replies(OutputStream out) {
    this.out = new BufferedOutputStream(out, BUFFER_BYTES);
  }

  /** Done, with what there is to say. */
  void ok(Object... words) throws IOException {
    line("ok", words);
  }

  /** Done: there is no such key. */
  void none() throws IOException {
    line("none");
  }

  /** One entry of a scan; {@link #ok} with their number ends it. */
  void entry(String key, String value) throws IOException {
    line("entry", key, value);
  }

  /** What went wrong, on one line; the message comes last and is not escaped. */
  void error(String code, Outcome outcome, String message) throws IOException {
    String text = message.replaceAll("\\s+", " ");
    write("err " + code + " " + outcome.name().toLowerCase(Locale.ROOT) + " " + text);
  }

  /** Gives what was written to the network. */
  void send() throws IOException {
    out.flush();
  }

  private void line(String first, Object... rest) throws IOException {
    List<String> words = new ArrayList<>();
    words.add(first);
    for (Object word : rest) {
      words.add(word.toString());
    }
    write(Words.join(words));
  }

  private void write(String line) throws IOException {
    out.write(line.getBytes(StandardCharsets.UTF_8));
    out.write('\n');
  }
}
