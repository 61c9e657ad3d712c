package dev.redoubt.demo.load;

import dev.redoubt.demo.output.InputException;
import dev.redoubt.kv.SalvagedTree;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Files that {@link Loader} reads: for each tree one of text lines and one of hexadecimal lines for
 * the entries that a text line cannot hold. Confined to one thread.
 */
public final class SalvageDump implements AutoCloseable {
  private static final String TEXT_CODEC = "utf-8";

  private final Path folder;
  private final Map<String, Open> open = new LinkedHashMap<>();

  /**
   * A file that was written.
   *
   * @param name in the folder
   * @param load what comes behind {@code redoubt load STORE FILE} to load it
   */
  public record File(String name, String load) {}

  private record Open(File file, BufferedWriter writer) {}

  private SalvageDump(Path folder) {
    this.folder = folder;
  }

  /**
   * Makes the folder.
   *
   * @param store where nothing may be written
   * @throws InputException if there is something in it, or it lies in the store
   */
  public static SalvageDump create(Path folder, Path store) {
    Path target = folder.toAbsolutePath().normalize();
    if (target.startsWith(store.toAbsolutePath().normalize())) {
      throw new InputException("usage", folder + " lies in the store; name a folder elsewhere");
    }
    try {
      Files.createDirectories(folder);
      if (Files.exists(store) && folder.toRealPath().startsWith(store.toRealPath())) {
        throw new InputException("usage", folder + " lies in the store; name a folder elsewhere");
      }
      try (Stream<Path> files = Files.list(folder)) {
        if (files.findAny().isPresent()) {
          throw new InputException("usage", folder + " is not empty; name a new folder");
        }
      }
    } catch (IOException e) {
      throw new InputException("unwritable-output", folder + " cannot be made: " + e);
    }
    return new SalvageDump(folder);
  }

  /** Writes an entry. */
  public void entry(SalvagedTree tree, byte[] key, byte[] value) {
    String line = textLine(tree, key, value);
    boolean text = line != null;
    BufferedWriter writer = file(tree, text).writer();
    try {
      if (text) {
        writer.write(line);
      } else {
        HexFormat hex = HexFormat.of();
        hex.formatHex(writer, key);
        writer.write('\t');
        hex.formatHex(writer, value);
      }
      writer.write('\n');
    } catch (IOException e) {
      throw unwritable(e);
    }
  }

  /** The line that the loader reads as this entry; null if there is none. */
  private static @Nullable String textLine(SalvagedTree tree, byte[] key, byte[] value) {
    if (!TEXT_CODEC.equals(tree.keyCodec()) || !TEXT_CODEC.equals(tree.valueCodec())) {
      return null;
    }
    try {
      String keyText = decode(key);
      String valueText = decode(value);
      boolean fits =
          !keyText.isEmpty()
              && keyText.charAt(0) != '#'
              && keyText.charAt(0) != '\ufeff'
              && keyText.indexOf('\t') < 0
              && keyText.indexOf('\n') < 0
              && valueText.indexOf('\n') < 0
              && !valueText.endsWith("\r");
      return fits ? keyText + '\t' + valueText : null;
    } catch (CharacterCodingException e) {
      return null;
    }
  }

  private static String decode(byte[] bytes) throws CharacterCodingException {
    return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
  }

  private Open file(SalvagedTree tree, boolean text) {
    String name = fileName(tree.label()) + (text ? ".tsv" : ".hex");
    return open.computeIfAbsent(
        name,
        missing -> {
          String load = "--tree '" + tree.label() + "'" + (text ? "" : " --hex" + codecs(tree));
          try {
            BufferedWriter writer = Files.newBufferedWriter(folder.resolve(name));
            writer.write("# redoubt load STORE " + name + " " + load + "\n");
            return new Open(new File(name, load), writer);
          } catch (IOException e) {
            throw unwritable(e);
          }
        });
  }

  private static String codecs(SalvagedTree tree) {
    return tree.keyCodec() == null
        ? ""
        : " --key-codec " + tree.keyCodec() + " --value-codec " + tree.valueCodec();
  }

  private static String fileName(String label) {
    StringBuilder name = new StringBuilder();
    for (byte each : label.getBytes(StandardCharsets.UTF_8)) {
      boolean plain =
          (each >= 'a' && each <= 'z')
              || (each >= 'A' && each <= 'Z')
              || (each >= '0' && each <= '9')
              || each == '-'
              || each == '_';
      if (plain) {
        name.append((char) each);
      } else {
        name.append('%').append(HexFormat.of().toHexDigits(each));
      }
    }
    return name.toString();
  }

  /** Files written so far. */
  public List<File> files() {
    return new ArrayList<>(open.values().stream().map(Open::file).toList());
  }

  /** Writes another file beside them. */
  public void write(String name, String text) {
    try {
      Files.writeString(folder.resolve(name), text);
    } catch (IOException e) {
      throw unwritable(e);
    }
  }

  private static UncheckedIOException unwritable(IOException e) {
    return new UncheckedIOException("what is saved cannot be written: " + e.getMessage(), e);
  }

  @Override
  public void close() {
    for (Open each : open.values()) {
      try {
        each.writer().close();
      } catch (IOException e) {
        throw unwritable(e);
      }
    }
  }
}
