package dev.redoubt.wal;

import dev.redoubt.io.Disk;
import dev.redoubt.io.MemoryDisk;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** Ways to spoil the files of a log. */
enum FuzzMutation {
  FLIP_BITS {
    @Override
    void spoil(MemoryDisk disk, FuzzLog log, FuzzLog other, SplittableRandom random) {
      String name = anyFile(disk, random);
      byte[] bytes = disk.bytes(name);
      for (int i = random.nextInt(1, 9); i > 0 && bytes.length > 0; i--) {
        bytes[place(bytes.length, random)] ^= (byte) (1 << random.nextInt(8));
      }
      disk.setBytes(name, bytes);
    }
  },
  OVERWRITE_RUN {
    @Override
    void spoil(MemoryDisk disk, FuzzLog log, FuzzLog other, SplittableRandom random) {
      String name = anyFile(disk, random);
      byte[] bytes = disk.bytes(name);
      int from = place(bytes.length, random);
      int to = Math.min(bytes.length, from + random.nextInt(1, 9000));
      int kind = random.nextInt(3);
      for (int i = from; i < to; i++) {
        bytes[i] = (byte) (kind == 0 ? 0 : kind == 1 ? -1 : random.nextInt());
      }
      disk.setBytes(name, bytes);
    }
  },
  SWAP_BLOCKS {
    @Override
    void spoil(MemoryDisk disk, FuzzLog log, FuzzLog other, SplittableRandom random) {
      String first = anyFile(disk, random);
      String second = anyFile(disk, random);
      byte[] one = disk.bytes(first);
      byte[] two = first.equals(second) ? one : disk.bytes(second);
      int from = block(one.length, random);
      int to = block(two.length, random);
      for (int i = 0; i < BLOCK && from + i < one.length && to + i < two.length; i++) {
        byte kept = one[from + i];
        one[from + i] = two[to + i];
        two[to + i] = kept;
      }
      disk.setBytes(first, one);
      disk.setBytes(second, two);
    }
  },
  /** A write that went to the wrong place. */
  MISDIRECT_BLOCKS {
    @Override
    void spoil(MemoryDisk disk, FuzzLog log, FuzzLog other, SplittableRandom random) {
      copy(disk, disk, anyFile(disk, random), random, false);
    }
  },
  TRUNCATE {
    @Override
    void spoil(MemoryDisk disk, FuzzLog log, FuzzLog other, SplittableRandom random) {
      String name = anyFile(disk, random);
      byte[] bytes = disk.bytes(name);
      int length = random.nextBoolean() ? block(bytes.length, random) : place(bytes.length, random);
      disk.setBytes(name, Arrays.copyOf(bytes, length));
    }
  },
  DELETE_FILE {
    @Override
    void spoil(MemoryDisk disk, FuzzLog log, FuzzLog other, SplittableRandom random) {
      disk.setBytes(anyFile(disk, random), null);
    }
  },
  SWAP_FILES {
    @Override
    void spoil(MemoryDisk disk, FuzzLog log, FuzzLog other, SplittableRandom random) {
      String first = anyFile(disk, random);
      String second = anyFile(disk, random);
      byte[] kept = disk.bytes(first);
      disk.setBytes(first, disk.bytes(second));
      disk.setBytes(second, kept);
    }
  },
  /** Blocks of another store. */
  SPLICE {
    @Override
    void spoil(MemoryDisk disk, FuzzLog log, FuzzLog other, SplittableRandom random) {
      copy(other.copy(), disk, anyFile(disk, random), random, random.nextBoolean());
    }
  },
  /** Writes that never arrived: blocks of this log's own past, at their own place. */
  STALE_BLOCKS {
    @Override
    void spoil(MemoryDisk disk, FuzzLog log, FuzzLog other, SplittableRandom random) {
      List<MemoryDisk> past = log.past();
      if (!past.isEmpty()) {
        MemoryDisk then = past.get(random.nextInt(past.size()));
        copy(then, disk, anyFile(then, random), random, true);
      }
    }
  },
  /** Blocks of a copy of this store that went its own way. */
  SPLICE_OF_FORK {
    @Override
    void spoil(MemoryDisk disk, FuzzLog log, FuzzLog other, SplittableRandom random) {
      MemoryDisk fork = other.copy();
      copy(fork, disk, anyFile(fork, random), random, true);
    }
  };

  static final int BLOCK = Disk.BLOCK_BYTES;

  abstract void spoil(MemoryDisk disk, FuzzLog log, FuzzLog other, SplittableRandom random);

  /**
   * Whether what was forced is missing while something whole of the same store stands in its place:
   * no checksum can tell, and the log does not promise to.
   */
  boolean isLie() {
    return this == STALE_BLOCKS || this == SPLICE_OF_FORK;
  }

  /** The last segment more often than others: there the log ends. */
  static String anyFile(MemoryDisk disk, SplittableRandom random) {
    List<String> names =
        disk.list().stream().filter(name -> !name.equals(LogLayout.LOCK_FILE)).toList();
    List<String> segments =
        names.stream().filter(name -> LogLayout.segmentIndex(name) >= 0).toList();
    return random.nextInt(3) == 0 && !segments.isEmpty()
        ? segments.getLast()
        : names.get(random.nextInt(names.size()));
  }

  /** Half of the time among the headers of a block. */
  static int place(int length, SplittableRandom random) {
    if (length == 0) {
      return 0;
    }
    int at = random.nextBoolean() ? block(length, random) + random.nextInt(96) : length;
    return at < length ? at : random.nextInt(length);
  }

  static int block(int length, SplittableRandom random) {
    return length < BLOCK ? 0 : random.nextInt(length / BLOCK) * BLOCK;
  }

  /** Copies some blocks of a file that {@code from} has to a file that {@code to} has. */
  private static void copy(
      MemoryDisk from, MemoryDisk to, String name, SplittableRandom random, boolean samePlace) {
    String source = samePlace && from.exists(name) ? name : anyFile(from, random);
    byte[] taken = from.bytes(source);
    String target = samePlace && to.exists(source) ? source : anyFile(to, random);
    byte[] spoilt = to.bytes(target);
    int at = block(taken.length, random);
    int where = samePlace ? at : block(spoilt.length, random);
    int length = random.nextInt(1, 4) * BLOCK;
    length = Math.min(length, Math.min(taken.length - at, spoilt.length - where));
    if (length > 0) {
      System.arraycopy(taken, at, spoilt, where, length);
      to.setBytes(target, spoilt);
    }
  }
}
