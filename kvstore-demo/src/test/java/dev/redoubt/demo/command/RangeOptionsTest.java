package dev.redoubt.demo.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.redoubt.kv.KeyRange;
import org.junit.jupiter.api.Test;

class RangeOptionsTest {
  @Test
  void prefixEndsBeforeTheNextTextOfItsLength() {
    assertEquals(KeyRange.between("AD/", "AD0"), RangeOptions.range(null, null, "AD/"));
    assertEquals("b", KeyRange.startingWith("a\uDBFF\uDFFF").to());
    assertEquals("\uE000", KeyRange.startingWith("\uD7FF").to());
    assertNull(KeyRange.startingWith("\uDBFF\uDFFF").to());
  }

  @Test
  void limitsHoldTogether() {
    assertEquals(KeyRange.between("AD/03", "AD0"), RangeOptions.range("AD/03", "ZZ", "AD/"));
    assertEquals(KeyRange.between("AD/", "AD/07"), RangeOptions.range("A", "AD/07", "AD/"));
    assertEquals(KeyRange.between("b", "c"), RangeOptions.range("b", "c", ""));
  }

  @Test
  void limitsThatExcludeEachOtherGiveAnEmptyRange() {
    assertEquals(KeyRange.between("z", "z"), RangeOptions.range("z", null, "a"));
    assertEquals(KeyRange.between("z", "z"), RangeOptions.range("z", "b", null));
  }
}
