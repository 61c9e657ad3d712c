package dev.redoubt.crash.disk;

import dev.redoubt.io.StorageIoException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Everything a simulated disk holds: names, files, what is unforced. Guarded by its disk. */
final class DiskState {
  private final TreeMap<Long, Inode> inodes = new TreeMap<>();
  private final Directory directory;
  private final int sectorBytes;
  private long nextInode;
  private long nextSequence;

  DiskState(int sectorBytes, Directory directory) {
    this.sectorBytes = sectorBytes;
    this.directory = directory;
  }

  int sectorBytes() {
    return sectorBytes;
  }

  Directory directory() {
    return directory;
  }

  boolean exists(String name) {
    return directory.seen().containsKey(name);
  }

  Inode existing(String name) {
    Long id = directory.seen().get(name);
    Inode inode = id == null ? null : inodes.get(id);
    if (inode == null) {
      throw new StorageIoException("open " + name + ": no such file on the simulated disk");
    }
    return inode;
  }

  Inode create(String name) {
    Inode inode = new Inode(nextInode++);
    inodes.put(inode.id(), inode);
    change(IoKind.CREATE, name, name, inode);
    return inode;
  }

  void change(IoKind kind, String from, String to, Inode inode) {
    directory.change(new PendingOp.Entry(nextSequence(), kind, from, to, inode.id()));
  }

  long nextSequence() {
    return nextSequence++;
  }

  DiskState crash(CrashChoice choice) {
    if (choice instanceof CrashChoice.Death) {
      DiskState image = image(directory.afterDeath());
      for (long id : directory.reachable()) {
        image.inodes.put(id, inode(id).afterDeath());
      }
      return image;
    }
    List<PendingOp> pending = pending();
    List<Fate> chosen = choice.fates(pending);
    TreeMap<Long, Fate> fates = new TreeMap<>();
    for (int i = 0; i < chosen.size(); i++) {
      fates.put(pending.get(i).sequence(), chosen.get(i));
    }
    DiskState image = image(directory.afterPowerLoss(fatesOf(directory.pending(), fates)));
    for (long id : image.directory.reachable()) {
      Inode inode = inode(id);
      image.inodes.put(id, inode.afterPowerLoss(fatesOf(inode.pending(), fates), sectorBytes));
    }
    return image;
  }

  private DiskState image(Directory names) {
    DiskState image = new DiskState(sectorBytes, names);
    image.nextInode = nextInode;
    image.nextSequence = nextSequence;
    return image;
  }

  private static List<Fate> fatesOf(List<? extends PendingOp> pending, Map<Long, Fate> fates) {
    List<Fate> found = new ArrayList<>(pending.size());
    for (PendingOp op : pending) {
      found.add(fates.getOrDefault(op.sequence(), Fate.LOST));
    }
    return found;
  }

  List<PendingOp> pending() {
    List<PendingOp> pending = new ArrayList<>(directory.pending());
    for (long id : directory.reachable()) {
      for (PendingOp.Write write : inode(id).pending()) {
        if (!write.dropped()) {
          pending.add(write);
        }
      }
    }
    pending.sort(Comparator.comparingLong(PendingOp::sequence));
    return pending;
  }

  long fingerprint() {
    return directory.fingerprint(inodes);
  }

  long allocatedBytes() {
    long blocks = 0;
    for (Long id : new HashSet<>(directory.seen().values())) {
      blocks += inode(id).allocatedBlocks();
    }
    return blocks * Block.BYTES;
  }

  private Inode inode(long id) {
    Inode inode = inodes.get(id);
    if (inode == null) {
      throw new AssertionError("a name without a file: inode " + id);
    }
    return inode;
  }

  int readDurable(String name, ByteBuffer dst, long position) {
    Long id = directory.durable().get(name);
    Inode inode = id == null ? null : inodes.get(id);
    return inode == null ? 0 : inode.readDurable(dst, position);
  }

  void rot(String name, long offset, int flippedBits) {
    Inode inode = existing(name);
    ByteBuffer one = ByteBuffer.allocate(1);
    inode.read(one, offset, true);
    int within = (int) (offset % Block.BYTES);
    byte[] bytes = new byte[Block.BYTES];
    bytes[within] = (byte) (one.get(0) ^ flippedBits);
    inode.rot(Block.of(bytes), (int) (offset / Block.BYTES), within, within + 1);
  }
}
