package dev.redoubt.io;

import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** What the contract of a disk is tried on, and how. Each test has a new one. */
public interface DiskSubject {
  /** What the disk is told to do wrong. */
  enum Trouble {
    /** Nothing, from now on. */
    NONE,
    /** Refuse new space. */
    FULL,
    /** Fail each read. */
    READ,
    /** Fail each write. */
    WRITE,
    /** Fail each force of a file. */
    FORCE
  }

  /** The disk, empty at first; the same at each call. */
  Disk disk();

  /** Has the disk do that wrong from now on, until told otherwise. */
  void trouble(Trouble trouble);

  /** After a force that failed: a disk that writes nothing more is opened anew. */
  default void goOn() {}

  int BLOCK = Disk.BLOCK_BYTES;

  /** Bytes that tell position and seed, in a buffer that is good for direct transfers. */
  static ByteBuffer bytes(int length, int seed) {
    ByteBuffer buffer = room(length);
    for (int i = 0; i < length; i++) {
      buffer.put((byte) (i * 31 + i / 256 + seed));
    }
    return buffer.flip();
  }

  /** An empty buffer that is good for direct transfers. */
  static ByteBuffer room(int length) {
    return Arena.ofAuto().allocate(length + BLOCK, BLOCK).asByteBuffer().limit(length);
  }

  /** What is read from there, at most {@code length} bytes. */
  static byte[] read(DiskFile file, long position, int length) {
    ByteBuffer into = room(length);
    int count = file.read(into, position);
    if (count != into.position()) {
      throw new AssertionError("returned " + count + ", but moved by " + into.position());
    }
    byte[] found = new byte[count];
    into.flip().get(found);
    return found;
  }

  /** The first bytes of {@link #bytes}, cut or filled up with zeros to a length. */
  static byte[] array(int length, int seed, int fullLength) {
    byte[] all = new byte[length];
    bytes(length, seed).get(all);
    return Arrays.copyOf(all, fullLength);
  }
}
