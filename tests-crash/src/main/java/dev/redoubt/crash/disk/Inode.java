package dev.redoubt.crash.disk;

import dev.redoubt.io.Disk;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A file without its name: what the device surely holds, the writes no force has covered, and what
 * reads through the cache show. Guarded by the disk that owns it.
 */
final class Inode {
  private final long id;
  private Blocks cached;
  private Blocks durable;
  private final List<PendingOp.Write> pending = new ArrayList<>();

  Inode(long id) {
    this(id, Blocks.empty(), Blocks.empty());
  }

  private Inode(long id, Blocks cached, Blocks durable) {
    this.id = id;
    this.cached = cached;
    this.durable = durable;
  }

  long id() {
    return id;
  }

  long size() {
    return cached.size();
  }

  /** What reads show now, whatever is written later. */
  Blocks image() {
    return cached.copy();
  }

  List<PendingOp.Write> pending() {
    return pending;
  }

  int allocatedBlocks() {
    return cached.allocatedBlocks();
  }

  int newBlocks(long position, int length) {
    int count = 0;
    for (long b = position / Block.BYTES; b * Block.BYTES < position + length; b++) {
      count += cached.isAllocated((int) b) ? 0 : 1;
    }
    return count;
  }

  int read(ByteBuffer dst, long position, boolean direct) {
    return (direct ? device() : cached).read(dst, position);
  }

  int readDurable(ByteBuffer dst, long position) {
    return durable.read(dst, position);
  }

  /** What a transfer past the cache sees: everything but what a failed force threw away. */
  private Blocks device() {
    if (pending.stream().noneMatch(PendingOp.Write::dropped)) {
      return cached;
    }
    Blocks device = durable.copy();
    for (PendingOp.Write write : pending) {
      if (write.dropped()) {
        device.grow(write.offset() + write.length());
      } else {
        apply(device, write, Fate.KEPT, Disk.BLOCK_BYTES);
      }
    }
    return device;
  }

  void write(PendingOp.Write write) {
    apply(cached, write, Fate.KEPT, Disk.BLOCK_BYTES);
    pending.add(write);
  }

  /** A force that worked: what is pending and was not thrown away before is durable. */
  void force() {
    if (pending.isEmpty()) {
      return;
    }
    if (pending.stream().noneMatch(PendingOp.Write::dropped)) {
      durable = cached.copy();
      pending.clear();
      return;
    }
    List<PendingOp.Write> kept = new ArrayList<>(pending);
    pending.clear();
    for (PendingOp.Write write : kept) {
      if (write.dropped()) {
        pending.add(write);
      } else {
        apply(durable, write, Fate.KEPT, Disk.BLOCK_BYTES);
      }
    }
  }

  /** A force that failed as Linux does it: the pages are clean now, their bytes nowhere. */
  void dropPending() {
    pending.forEach(PendingOp.Write::drop);
  }

  /** Changes what the device holds behind everybody's back. */
  void rot(Block content, int index, int from, int to) {
    cached.patch(index, content, from, to);
    durable.patch(index, content, from, to);
  }

  void truncate(long size) {
    cached = truncated(cached, size);
    durable = truncated(durable, Math.min(size, durable.size()));
    pending.clear();
  }

  private static Blocks truncated(Blocks from, long size) {
    Blocks to = Blocks.empty();
    to.grow(Math.min(size, from.size()));
    for (int i = 0; (long) i * Block.BYTES < size; i++) {
      if (from.isAllocated(i)) {
        int end = (int) Math.min(Block.BYTES, size - (long) i * Block.BYTES);
        to.patch(i, from.block(i), 0, end);
      }
    }
    return to;
  }

  /** The file after the death of the process. */
  Inode afterDeath() {
    Inode copy = new Inode(id, cached.copy(), durable.copy());
    pending.forEach(write -> copy.pending.add(write.copy()));
    return copy;
  }

  /** The file after a power loss; {@code fates} has one for each pending write, in order. */
  Inode afterPowerLoss(List<Fate> fates, int sectorBytes) {
    Blocks survived = durable.copy();
    for (int i = 0; i < pending.size(); i++) {
      PendingOp.Write write = pending.get(i);
      if (!write.dropped()) {
        apply(survived, write, fates.get(i), sectorBytes);
      }
    }
    return new Inode(id, survived, survived.copy());
  }

  long fingerprint() {
    long sum = durable.fingerprint();
    if (!pending.isEmpty()) {
      sum = Blocks.mix(sum * 31 + cached.fingerprint());
      for (PendingOp.Write write : pending) {
        sum = Blocks.mix(sum + write.offset() * 31 + write.length() + (write.dropped() ? 7 : 0));
      }
    }
    return sum;
  }

  private static void apply(Blocks to, PendingOp.Write write, Fate fate, int sectorBytes) {
    if (fate instanceof Fate.Lost) {
      return;
    }
    to.grow(write.offset() + write.length());
    switch (fate) {
      case Fate.Kept _ -> write.pieces().forEach(p -> patch(to, p, p.from(), p.to()));
      case Fate.Lost _, Fate.LengthOnly _ -> {}
      case Fate.Prefix(int sectors) ->
          applySectors(to, write, sectorBytes, (i, _) -> i < sectors ? Sector.NEW : Sector.OLD);
      case Fate.Suffix(int sectors) ->
          applySectors(to, write, sectorBytes, (i, n) -> i < n - sectors ? Sector.OLD : Sector.NEW);
      case Fate.Sectors(long seed) -> {
        SplittableRandom random = new SplittableRandom(seed);
        applySectors(
            to, write, sectorBytes, (_, _) -> random.nextBoolean() ? Sector.NEW : Sector.OLD);
      }
      case Fate.Garbage(long seed) -> {
        SplittableRandom random = new SplittableRandom(seed);
        applySectors(to, write, sectorBytes, (_, _) -> Sector.VALUES.get(random.nextInt(3)));
      }
    }
  }

  private enum Sector {
    OLD,
    NEW,
    NOISE;

    static final List<Sector> VALUES = List.of(values());
  }

  private interface SectorFate {
    Sector of(int index, int count);
  }

  private static void applySectors(
      Blocks to, PendingOp.Write write, int sectorBytes, SectorFate fate) {
    int count = write.sectors(sectorBytes);
    long firstSector = write.offset() / sectorBytes;
    Sector[] sectors = new Sector[count];
    for (int i = 0; i < count; i++) {
      sectors[i] = fate.of(i, count);
    }
    SplittableRandom noise = new SplittableRandom(write.sequence());
    for (PendingOp.Write.Piece piece : write.pieces()) {
      int from = piece.from();
      while (from < piece.to()) {
        int to1 = Math.min(piece.to(), (from / sectorBytes + 1) * sectorBytes);
        long at = (long) piece.index() * Block.BYTES + from;
        switch (sectors[(int) (at / sectorBytes - firstSector)]) {
          case OLD -> {}
          case NEW -> patch(to, piece, from, to1);
          case NOISE -> to.patch(piece.index(), noise(noise), from, to1);
        }
        from = to1;
      }
    }
  }

  private static void patch(Blocks to, PendingOp.Write.Piece piece, int from, int end) {
    to.patch(piece.index(), piece.content(), from, end);
  }

  private static Block noise(SplittableRandom random) {
    byte[] bytes = new byte[Block.BYTES];
    random.nextBytes(bytes);
    return Block.of(bytes);
  }
}
