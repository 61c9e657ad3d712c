package dev.redoubt.buffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.io.CorruptionException;
import dev.redoubt.io.StorageException;
import dev.redoubt.io.UnsupportedFormatException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PageVerifierTest {
  private static final int PAGE = 4096;
  private static final String PLACE = "file pages, offset 36864";

  private final PageVerifier verifier = new PageVerifier(FakeLog.STORE, PAGE);
  private final MemorySegment page = MemorySegment.ofArray(new byte[PAGE]);

  @BeforeEach
  void formatPage() {
    PageLayout.format(page, 9, 3, 12);
    PageLayout.setPageLsn(page, 5_000);
    page.set(PageLayout.LONG, 64, 0x0102030405060708L);
    verifier.seal(page, 9);
  }

  private StorageException problem() {
    StorageException problem = verifier.problem(page, 9, 5_001, PLACE);
    assertNotNull(problem);
    return problem;
  }

  private static void assertNames(StorageException problem, String... words) {
    for (String word : words) {
      assertTrue(problem.toString().contains(word), problem.toString());
    }
  }

  @Test
  void anIntactPageHasNoProblem() {
    assertNull(verifier.problem(page, 9, 5_001, PLACE));
  }

  @Test
  void everyFlippedBitIsNoticed() {
    for (int bit = 0; bit < PAGE * 8; bit++) {
      flip(bit);
      assertNotNull(verifier.problem(page, 9, 5_001, PLACE), "bit " + bit);
      flip(bit);
    }
    assertNull(verifier.problem(page, 9, 5_001, PLACE));
  }

  private void flip(int bit) {
    byte old = page.get(ValueLayout.JAVA_BYTE, bit / 8);
    page.set(ValueLayout.JAVA_BYTE, bit / 8, (byte) (old ^ (1 << (bit % 8))));
  }

  @Test
  void damageNamesPageOwnerPlaceExpectedAndFound() {
    flip(1_000);
    String expected = Integer.toHexString(verifier.checksum(page, 9));
    String found = Integer.toHexString(PageLayout.checksum(page));
    assertInstanceOf(CorruptionException.class, problem());
    assertNames(problem(), "page 9", "owner 12", PLACE, "checksum", expected, found);
  }

  @Test
  void aMisdirectedPageIsNamedAsSuch() {
    StorageException problem = verifier.problem(page, 8, 5_001, PLACE);
    assertNotNull(problem);
    assertNames(problem, "misdirected", "expected page id 8", "found 9");
  }

  @Test
  void aPageOfAnotherStoreIsNoticed() {
    PageVerifier other = new PageVerifier(new UUID(1, 2), PAGE);
    assertNotNull(other.problem(page, 9, 5_001, PLACE));
  }

  @Test
  void zerosWereNeverFormatted() {
    page.fill((byte) 0);
    assertNames(problem(), "never formatted", "page 9", PLACE);
  }

  @Test
  void aLaterFormatIsAnErrorOfItsOwn() {
    page.set(ValueLayout.JAVA_BYTE, PageLayout.VERSION, (byte) 2);
    verifier.seal(page, 9);
    assertInstanceOf(UnsupportedFormatException.class, problem());
    assertNames(problem(), "page format 2", "newer");
  }

  @Test
  void typeZeroAndReservedBytesAreChecked() {
    page.set(ValueLayout.JAVA_BYTE, PageLayout.TYPE, (byte) 0);
    verifier.seal(page, 9);
    assertNames(problem(), "page type");
    formatPage();
    page.set(PageLayout.INT, PageLayout.RESERVED_2, 1);
    verifier.seal(page, 9);
    assertNames(problem(), "reserved");
    formatPage();
    page.set(PageLayout.SHORT, PageLayout.RESERVED_1, (short) 0x100);
    verifier.seal(page, 9);
    assertNames(problem(), "reserved");
  }

  @Test
  void aPageFromBeyondTheEndOfTheLogIsCorrupt() {
    // Rule 9: pageLSN at or past the end.
    StorageException problem = verifier.problem(page, 9, 5_000, PLACE);
    assertNotNull(problem);
    assertNames(problem, "pageLSN", "5000");
  }

  @Test
  void pageSizesArePowersOfTwoFromFourToSixtyFourKiB() {
    for (int size : new int[] {0, 512, 2048, 4095, 5000, 12288, 131072, -4096}) {
      assertThrows(
          IllegalArgumentException.class, () -> new PageVerifier(FakeLog.STORE, size), "" + size);
    }
    for (int size = 4096; size <= 65536; size *= 2) {
      MemorySegment sized = MemorySegment.ofArray(new byte[size]);
      PageVerifier of = new PageVerifier(FakeLog.STORE, size);
      PageLayout.format(sized, 1, 1, 1);
      of.seal(sized, 1);
      assertNull(of.problem(sized, 1, 1, PLACE));
    }
    assertThrows(IllegalArgumentException.class, () -> verifier.checksum(page.asSlice(1), 1));
  }

  @Test
  void pageTypesAreOneToTwoHundredFiftyFive() {
    assertThrows(IllegalArgumentException.class, () -> PageLayout.format(page, 9, 0, 1));
    assertThrows(IllegalArgumentException.class, () -> PageLayout.format(page, 9, 256, 1));
    assertEquals(3, PageLayout.type(page));
    PageLayout.format(page, 9, 255, 1);
    assertEquals(255, PageLayout.type(page));
  }
}
