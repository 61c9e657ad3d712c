package dev.redoubt.kv.btree;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** Golden bytes of docs/format-page.md, sections "Tree node pages" and "Overflow pages". */
final class NodeFormatTest {
  private final NodeRedo redo = new NodeRedo(new NodeEdit(new PagePool()));
  private final BodyWriter body = new BodyWriter();
  private final MemorySegment page = Arena.ofAuto().allocate(4096, 8);

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private String hex(int from, int to) {
    return HexFormat.of().formatHex(page.asSlice(from, to - from).toArray(ValueLayout.JAVA_BYTE));
  }

  @Test
  void aLeafIsStoredAsDocumented() {
    NodeBodies.format(body.reset(), 16, 0, bytes("car"), bytes("cat"), 0);
    NodeBodies.noCells(body);
    redo.apply(page, 9, body.body());
    NodeBodies.insert(body.reset(), 0, 0, bytes("carpet"), bytes("red"));
    redo.apply(page, 9, body.body());
    NodeBodies.insert(body.reset(), 1, NodeLayout.GHOST, bytes("cas"), bytes(""));
    assertEquals("01010103" + "636173" + "00", HexFormat.of().formatHex(copy()));
    redo.apply(page, 9, body.body());
    assertEquals("0a010000" + "0900000000000000", hex(4, 16));
    assertEquals("0000000000000000" + "10000000" + "00000000", hex(16, 32));
    assertEquals("0000" + "0200" + "0200" + "0300" + "0300" + "0100", hex(32, 44));
    assertEquals("ec0f0000" + "00000000" + "0100" + "0000" + "0000000000000000", hex(44, 64));
    assertEquals("f00f" + "0400" + "74657072", hex(64, 72));
    assertEquals("ec0f" + "0100" + "00000073", hex(72, 80));
    assertEquals("010000" + "73", hex(4076, 4080));
    assertEquals("000300" + "72706574" + "726564", hex(4080, 4090));
    assertEquals("636172" + "636174", hex(4090, 4096));
  }

  @Test
  void aLeafThatIsLoadedIsStoredAsDocumented() {
    String cells = "020300" + "72706574" + "726564" + "000000" + "73";
    HexFormat hex = HexFormat.of();
    byte[] logged =
        hex.parseHex("14" + "10" + "03636172" + "04636174" + "02" + "0e" + cells + "04" + "01");
    redo.apply(page, 9, MemorySegment.ofArray(logged));
    assertEquals("0a010000" + "0900000000000000", hex(4, 16));
    assertEquals("0000" + "0200" + "0200" + "0300" + "0300" + "0000", hex(32, 44));
    assertEquals("ec0f0000" + "00000000" + "0000" + "0000" + "0000000000000000", hex(44, 64));
    assertEquals("ec0f" + "0400" + "74657072", hex(64, 72));
    assertEquals("f60f" + "0100" + "00000073", hex(72, 80));
    assertEquals(cells + "636172" + "636174", hex(4076, 4096));
  }

  @Test
  void anIncrementIsStoredAsDocumented() {
    NodeBodies.format(body.reset(), 16, 0, bytes(""), null, 0);
    NodeBodies.noCells(body);
    redo.apply(page, 9, body.body());
    NodeBodies.insert(body.reset(), 0, 0, bytes("n"), new byte[] {-1, 0, 0, 0, 0, 0, 0, -2});
    redo.apply(page, 9, body.body());
    NodeBodies.add(body.reset(), 0, 3);
    assertEquals("0600" + "0300000000000000", HexFormat.of().formatHex(copy()));
    redo.apply(page, 9, body.body());
    assertEquals("000800" + "6e" + "ff00000000000101", hex(4084, 4096));
  }

  @Test
  void anInnerCellHoldsTheChildAtOrAboveItsKey() {
    NodeBodies.format(body.reset(), 16, 1, bytes(""), null, 7);
    NodeBodies.noCells(body);
    redo.apply(page, 9, body.body());
    NodeBodies.insertChild(body.reset(), 0, bytes("m"), 8);
    redo.apply(page, 9, body.body());
    assertEquals("0100" + "0100" + "0000" + "0000" + "ffff" + "0000", hex(32, 44));
    assertEquals("0700000000000000", hex(56, 64));
    assertEquals("000800" + "6d" + "0800000000000000", hex(4084, 4096));
    assertEquals(7, Node.child(page, Node.childIndex(page, bytes("a"))));
    assertEquals(8, Node.child(page, Node.childIndex(page, bytes("m"))));
  }

  @Test
  void anOverflowPageIsStoredAsDocumented() {
    NodeBodies.formatOverflow(body.reset(), 16, 12, bytes("abcdef"), 2, 3);
    redo.apply(page, 9, body.body());
    assertEquals("0b010000" + "0900000000000000", hex(4, 16));
    assertEquals("0c00000000000000" + "03000000" + "00000000" + "636465" + "00", hex(32, 52));
    assertEquals(
        "0900000000000000" + "0300000000000000" + "78563412",
        HexFormat.of().formatHex(new OverflowRef(9, 3, 0x12345678).encode()));
  }

  private byte[] copy() {
    return body.body().toArray(ValueLayout.JAVA_BYTE);
  }
}
