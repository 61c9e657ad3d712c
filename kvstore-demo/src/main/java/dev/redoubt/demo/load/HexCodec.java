package dev.redoubt.demo.load;

import dev.redoubt.demo.output.InputException;
import dev.redoubt.kv.Codec;
import dev.redoubt.kv.TreeDef;
import java.util.Comparator;
import java.util.HexFormat;

/**
 * Bytes of any codec, written as hexadecimal digits: what the program needs to load and show
 * entries of trees whose codecs it does not have. Keys keep their order. Thread-safe.
 *
 * @param name of the codec whose bytes these are
 */
public record HexCodec(String name) implements Codec<String> {
  /** A tree of these codecs, as hexadecimal text. */
  public static TreeDef<String, String> tree(String name, String keyCodec, String valueCodec) {
    return TreeDef.of(name, new HexCodec(keyCodec), new HexCodec(valueCodec));
  }

  @Override
  public byte[] encode(String value) {
    try {
      return HexFormat.of().parseHex(value);
    } catch (IllegalArgumentException e) {
      throw new InputException("bad-line", "not pairs of hexadecimal digits");
    }
  }

  @Override
  public String decode(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  @Override
  public Comparator<String> comparator() {
    return Comparator.naturalOrder();
  }
}
