package dev.redoubt.crash.plant;

import dev.redoubt.buffer.DirtyPage;
import dev.redoubt.buffer.PageGuard;
import dev.redoubt.kv.btree.Cell;
import dev.redoubt.recovery.Transaction;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where planted bugs send calls to: what a wrong engine would do instead. */
public final class Wrong {
  private Wrong() {}

  /** As if the bound of truncation knew of no such entry. */
  public static long ignored(Object entry) {
    return Long.MAX_VALUE;
  }

  /** As if no page counted. */
  public static long ignoredPage(DirtyPage page) {
    return Long.MAX_VALUE;
  }

  /** Nothing is owed, as far as this is concerned. */
  public static List<DirtyPage> noPages(Object owed) {
    return List.of();
  }

  /** A part is grouped for redo unless it is of the space map. */
  public static void addWithoutMap(Object round, int entry, Object view, int part) {
    if ((int) call(view, "managerAndFormat", part) >>> 1 != 1) {
      call(round, "add", entry, view, part);
    }
  }

  /** Where undo goes on: at the record before, as if it were no CLR. */
  public static long prevLsn(Object view) {
    return (long) call(view, "prevLsn");
  }

  /** What stands in the leaf, whoever wrote it. */
  public static @Nullable Cell inLeaf(
      @Nullable Object head, @Nullable Cell inLeaf, long at, @Nullable Object own) {
    return inLeaf;
  }

  /** The number as it stands in the leaf. */
  public static Cell notSubtracted(Cell cell, long delta) {
    return cell;
  }

  /** As if nothing had been read. */
  public static byte[] noRanges(Object reads) {
    return new byte[0];
  }

  /** The watermark of a batch is its own end. */
  public static int watermarkAhead(
      Object batch, Object geometry, Object tail, long watermark, int epoch, Object checksum) {
    long end = (long) call(batch, "endLsn");
    return (int) call(batch, "finish", geometry, tail, end, epoch, checksum);
  }

  /** recLSN is set when the change has been made, a checkpoint after its record. */
  public static void changedLate(PageGuard guard, long lsn) {
    Meanwhile.run();
    guard.prepareRedo(lsn);
    guard.changed(lsn);
  }

  /** A checkpoint between a transaction's append and the change of its entry. */
  public static long appendedEarly(
      Object append, java.lang.foreign.MemorySegment bytes, int start, int length) {
    long lsn = (long) call(append, "append", bytes, start, length);
    Meanwhile.run();
    return lsn;
  }

  /** The chain is put on the list of those to be freed, and freed at once. */
  public static byte[] freedAtOnce(Object pendingFree, Transaction transaction, byte[] reference) {
    byte[] key = (byte[]) call(pendingFree, "add", transaction, reference);
    call(pendingFree, "free", (Object) key);
    return key;
  }

  /** The same for a tree that is dropped. */
  public static byte[] treeFreedAtOnce(Object pendingFree, Transaction transaction, Object tree) {
    byte[] key = (byte[]) call(pendingFree, "addTree", transaction, tree);
    call(pendingFree, "free", (Object) key);
    return key;
  }

  /** The key that the chain would have in the list. */
  public static byte[] notListed(Object pendingFree, Transaction transaction, byte[] reference) {
    return reference;
  }

  /** The array, and no copy of it. */
  public static Object itself(Object array) {
    return array;
  }

  /** As if nothing was ever written. */
  public static long noChanges(Object viewer) {
    return 0;
  }

  /** Where a checkpoint begins. */
  public static long beginLsn(Object checkpoint) {
    return (long) call(checkpoint, "beginLsn");
  }

  private static Object call(Object receiver, String name, Object... arguments) {
    for (Class<?> type = receiver.getClass(); type != null; type = type.getSuperclass()) {
      for (Method method : type.getDeclaredMethods()) {
        if (method.getName().equals(name) && method.getParameterCount() == arguments.length) {
          method.setAccessible(true);
          return invoke(method, receiver, arguments);
        }
      }
    }
    throw new IllegalStateException(receiver.getClass() + " has no method " + name);
  }

  private static Object invoke(Method method, Object receiver, Object... arguments) {
    try {
      return method.invoke(receiver, arguments);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw new IllegalStateException(e);
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(e);
    }
  }
}
