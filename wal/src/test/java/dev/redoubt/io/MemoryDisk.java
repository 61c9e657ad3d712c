package dev.redoubt.io;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A disk in memory that can lose what was not forced: bytes block by block, names one by one. A
 * small relative of the simulated disk of tests-crash, for unit tests of this module. Thread-safe.
 */
public final class MemoryDisk implements Disk {
  /** A call that could fail, shown to the fault injector before it is done. */
  public record Call(String kind, String file, long position) {}

  /** One file's bytes: as they are read, and as they are after a power cut. */
  static final class Node {
    byte[] now = new byte[0];
    byte[] durable = new byte[0];
  }

  final ReentrantLock latch = new ReentrantLock();
  private final TreeMap<String, Node> names = new TreeMap<>();
  private final TreeMap<String, Node> durableNames = new TreeMap<>();
  private final TreeMap<String, Boolean> locks = new TreeMap<>();
  private long capacityBytes = Long.MAX_VALUE;
  private Consumer<Call> injector = call -> {};
  private int calls;

  @Override
  public DiskFile open(String name, Access access, Caching caching) {
    Disk.plainName(name);
    latch.lock();
    try {
      Node node = names.get(name);
      if (access == Access.CREATE) {
        before("create", name, 0);
        if (node != null) {
          throw new StorageIoException("create failed: " + name + " exists");
        }
        node = new Node();
        names.put(name, node);
      } else if (node == null) {
        throw new StorageIoException("open failed: no " + name);
      }
      return new MemoryFile(this, name, node, access != Access.READ, caching == Caching.DIRECT);
    } finally {
      latch.unlock();
    }
  }

  @Override
  public boolean exists(String name) {
    Disk.plainName(name);
    latch.lock();
    try {
      return names.containsKey(name);
    } finally {
      latch.unlock();
    }
  }

  @Override
  public List<String> list() {
    latch.lock();
    try {
      return new ArrayList<>(names.keySet());
    } finally {
      latch.unlock();
    }
  }

  @Override
  public void rename(String from, String to) {
    Disk.plainName(from);
    Disk.plainName(to);
    latch.lock();
    try {
      before("rename", from, 0);
      Node node = names.remove(from);
      if (node == null) {
        throw new StorageIoException("rename failed: no " + from);
      }
      names.put(to, node);
    } finally {
      latch.unlock();
    }
  }

  @Override
  public void delete(String name) {
    Disk.plainName(name);
    latch.lock();
    try {
      before("delete", name, 0);
      if (names.remove(name) == null) {
        throw new StorageIoException("delete failed: no " + name);
      }
    } finally {
      latch.unlock();
    }
  }

  @Override
  public void forceDirectory() {
    latch.lock();
    try {
      before("forceDirectory", "", 0);
      durableNames.clear();
      durableNames.putAll(names);
    } finally {
      latch.unlock();
    }
  }

  @Override
  public DiskLock lock(String name) {
    Disk.plainName(name);
    latch.lock();
    try {
      if (locks.putIfAbsent(name, true) != null) {
        throw new StoreLockedException(name + " is locked");
      }
      names.computeIfAbsent(name, n -> new Node());
      return () -> {
        latch.lock();
        try {
          locks.remove(name);
        } finally {
          latch.unlock();
        }
      };
    } finally {
      latch.unlock();
    }
  }

  @Override
  public String description() {
    return "memory";
  }

  @Override
  public void close() {}

  /**
   * Called before each write, force, create, rename and delete; what it throws, the call throws.
   */
  public void onCall(Consumer<Call> newInjector) {
    latch.lock();
    try {
      injector = newInjector;
    } finally {
      latch.unlock();
    }
  }

  /** Calls shown to the injector so far. */
  public int calls() {
    return calls;
  }

  public void capacity(long bytes) {
    latch.lock();
    try {
      capacityBytes = bytes;
    } finally {
      latch.unlock();
    }
  }

  public long usedBytes() {
    return names.values().stream().mapToLong(n -> n.now.length).sum();
  }

  /** Guarded by latch. */
  void show(String kind, String file, long position) {
    injector.accept(new Call(kind, file, position));
  }

  /** Guarded by latch. */
  void checkSpace(Node node, String file, int end) {
    if (usedBytes() - node.now.length + end > capacityBytes) {
      throw new DiskFullException("no space for " + file);
    }
  }

  void before(String kind, String file, long position) {
    calls++;
    injector.accept(new Call(kind, file, position));
  }

  /**
   * The power goes: of what was not forced, each block and name survives with chance one in two.
   */
  public MemoryDisk powerCut(SplittableRandom random) {
    return afterCrash(random, 2);
  }

  /** The power goes: nothing that was not forced survives. */
  public MemoryDisk powerCutLosingAll() {
    return afterCrash(new SplittableRandom(0), Integer.MAX_VALUE);
  }

  /** The process dies: everything written is still readable, and still unforced. */
  public MemoryDisk processDeath() {
    latch.lock();
    try {
      MemoryDisk copy = new MemoryDisk();
      IdentityHashMap<Node, Node> copies = new IdentityHashMap<>();
      names.forEach((name, node) -> copy.names.put(name, copyOf(node, copies)));
      durableNames.forEach((name, node) -> copy.durableNames.put(name, copyOf(node, copies)));
      return copy;
    } finally {
      latch.unlock();
    }
  }

  private static Node copyOf(Node node, IdentityHashMap<Node, Node> copies) {
    return copies.computeIfAbsent(
        node,
        _ -> {
          Node copy = new Node();
          copy.now = node.now.clone();
          copy.durable = node.durable.clone();
          return copy;
        });
  }

  private MemoryDisk afterCrash(SplittableRandom random, int oneIn) {
    latch.lock();
    try {
      MemoryDisk copy = new MemoryDisk();
      TreeMap<String, Node> survivors = new TreeMap<>(durableNames);
      names.forEach(
          (name, node) -> {
            if (durableNames.get(name) != node && random.nextInt(oneIn) == 1) {
              survivors.values().removeIf(other -> other == node);
              survivors.put(name, node);
            }
          });
      durableNames.forEach(
          (name, node) -> {
            if (!names.containsKey(name) && random.nextInt(oneIn) == 1) {
              survivors.remove(name, node);
            }
          });
      survivors.forEach(
          (name, node) -> {
            Node after = new Node();
            after.now = surviving(node, random, oneIn);
            after.durable = after.now.clone();
            copy.names.put(name, after);
            copy.durableNames.put(name, after);
          });
      return copy;
    } finally {
      latch.unlock();
    }
  }

  private static byte[] surviving(Node node, SplittableRandom random, int oneIn) {
    boolean lengthSurvives = random.nextInt(oneIn) == 1;
    int length = lengthSurvives ? node.now.length : node.durable.length;
    byte[] bytes = Arrays.copyOf(node.durable, length);
    for (int at = 0; at < length; at += 512) {
      int end = Math.min(at + 512, length);
      if (random.nextInt(oneIn) == 1 && at < node.now.length) {
        System.arraycopy(node.now, at, bytes, at, Math.min(end, node.now.length) - at);
      }
    }
    return bytes;
  }

  /** Bytes of a file as they are read now. */
  public byte[] bytes(String name) {
    latch.lock();
    try {
      Node node = names.get(name);
      if (node == null) {
        throw new IllegalArgumentException("no " + name);
      }
      return node.now.clone();
    } finally {
      latch.unlock();
    }
  }

  /** Replaces a file's bytes, durably: damage, or a file of somebody else. */
  public void setBytes(String name, byte @Nullable [] bytes) {
    latch.lock();
    try {
      if (bytes == null) {
        names.remove(name);
        durableNames.remove(name);
        return;
      }
      Node node = names.computeIfAbsent(name, n -> new Node());
      durableNames.put(name, node);
      node.now = bytes.clone();
      node.durable = bytes.clone();
    } finally {
      latch.unlock();
    }
  }
}
