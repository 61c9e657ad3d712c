package dev.redoubt.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.io.Disk.Access;
import dev.redoubt.io.Disk.Caching;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What every {@link Disk} keeps about names and locks. */
public interface NamesContract extends DiskSubject {
  private void make(String name, int seed) {
    try (DiskFile file = disk().open(name, Access.CREATE, Caching.BUFFERED)) {
      file.write(DiskSubject.bytes(10, seed), 0);
    }
  }

  private byte[] content(String name) {
    try (DiskFile file = disk().open(name, Access.READ, Caching.BUFFERED)) {
      return DiskSubject.read(file, 0, 20);
    }
  }

  @Test
  default void aCreatedFileIsEmptyAndListed() {
    assertEquals(List.of(), disk().list());
    assertFalse(disk().exists("b"));
    for (Caching caching : Caching.values()) {
      try (DiskFile file = disk().open("b" + caching, Access.CREATE, caching)) {
        assertEquals(0, file.size());
        assertEquals("b" + caching, file.name());
      }
    }
    make("a", 1);
    assertEquals(List.of("a", "bBUFFERED", "bDIRECT"), disk().list());
    assertTrue(disk().exists("a"));
    assertFalse(disk().description().isEmpty());
  }

  @Test
  default void creatingWhatExistsAndOpeningWhatDoesNotAreErrorsThatNameTheFile() {
    make("there", 1);
    for (Caching caching : Caching.values()) {
      assertNamed("there", () -> disk().open("there", Access.CREATE, caching));
      assertNamed("missing", () -> disk().open("missing", Access.READ, caching));
      assertNamed("missing", () -> disk().open("missing", Access.WRITE, caching));
    }
    assertNamed("missing", () -> disk().delete("missing"));
    assertNamed("missing", () -> disk().rename("missing", "there"));
    assertArrayEquals(DiskSubject.array(10, 1, 10), content("there"), "unharmed");
    assertEquals(List.of("there"), disk().list());
  }

  private static void assertNamed(String name, Runnable call) {
    StorageIoException e = assertThrows(StorageIoException.class, call::run);
    assertTrue(String.valueOf(e.getMessage()).contains(name), e::toString);
    assertFalse(e instanceof DiskFullException);
  }

  @Test
  default void namesWithSeparatorsAreRefused() {
    make("a", 1);
    for (String name : List.of("", ".", "..", "a/b", "../a")) {
      assertThrows(
          IllegalArgumentException.class, () -> disk().open(name, Access.CREATE, Caching.BUFFERED));
      assertThrows(IllegalArgumentException.class, () -> disk().exists(name));
      assertThrows(IllegalArgumentException.class, () -> disk().delete(name));
      assertThrows(IllegalArgumentException.class, () -> disk().rename("a", name));
      assertThrows(IllegalArgumentException.class, () -> disk().rename(name, "b"));
      assertThrows(IllegalArgumentException.class, () -> disk().lock(name));
    }
    assertEquals(List.of("a"), disk().list());
  }

  @Test
  default void aRenameReplacesItsTarget() {
    make("old", 1);
    make("new", 2);
    disk().rename("new", "old");
    assertEquals(List.of("old"), disk().list());
    assertArrayEquals(DiskSubject.array(10, 2, 10), content("old"));
    disk().rename("old", "other");
    disk().forceDirectory();
    assertEquals(List.of("other"), disk().list());
  }

  @Test
  default void aDeletedNameCanBeUsedAnew() {
    make("a", 1);
    disk().delete("a");
    assertFalse(disk().exists("a"));
    make("a", 2);
    disk().forceDirectory();
    assertArrayEquals(DiskSubject.array(10, 2, 10), content("a"));
  }

  @Test
  default void anOpenFileOutlivesItsName() {
    try (DiskFile file = disk().open("a", Access.CREATE, Caching.BUFFERED)) {
      file.write(DiskSubject.bytes(10, 1), 0);
      disk().rename("a", "b");
      file.write(DiskSubject.bytes(5, 7), 10);
      file.force();
      assertEquals(15, file.size());
      assertEquals(15, content("b").length, "the same file under its new name");
      disk().delete("b");
      make("b", 3);
      assertEquals(15, DiskSubject.read(file, 0, 20).length, "not the new file of that name");
    }
    assertEquals(10, content("b").length);
  }

  @Test
  default void aLockExcludesUntilItIsClosed() {
    try (DiskLock first = disk().lock("lock")) {
      assertTrue(first != null && disk().exists("lock"));
      assertThrows(StoreLockedException.class, () -> disk().lock("lock"));
      assertThrows(StoreLockedException.class, () -> disk().lock("lock"), "still");
      disk().lock("another").close();
    }
    disk().lock("lock").close();
    assertEquals(List.of("another", "lock"), disk().list());
  }
}
