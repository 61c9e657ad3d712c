package dev.redoubt.buffer;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Where the memory of frames comes from (decision 20). Pages are met at random, and with the
 * system's small pages nearly every one is also new to the processor's address translation, which
 * takes longer than reading it. So on Linux, and if the program grants native access to this
 * module, memory is mapped by itself and advised to be of huge pages of 2 MiB; else, and if that
 * fails, it is the JDK's. The contents are zeros either way. Stateless, thread-safe.
 */
final class FrameMemory {
  /** A huge page; smaller pieces are not mapped. */
  static final long HUGE_BYTES = 2L << 20;

  // Of Linux, the same on x86-64 and AArch64.
  private static final int READ_AND_WRITE = 0x1 | 0x2;
  private static final int PRIVATE_AND_ANONYMOUS = 0x02 | 0x20;
  private static final int ADVICE_HUGE_PAGES = 14;
  private static final long FAILED = -1;

  private static final @Nullable Calls CALLS = calls();

  private record Calls(MethodHandle map, MethodHandle unmap, MethodHandle advise) {}

  private FrameMemory() {}

  /** Whether huge pages are asked for. */
  static boolean isAdvised() {
    return CALLS != null;
  }

  @SuppressWarnings("restricted") // only where it is granted
  private static @Nullable Calls calls() {
    boolean linux = System.getProperty("os.name", "").toLowerCase(Locale.ROOT).equals("linux");
    if (!linux || !FrameMemory.class.getModule().isNativeAccessEnabled()) {
      return null;
    }
    FunctionDescriptor map =
        FunctionDescriptor.of(ADDRESS, ADDRESS, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG);
    FunctionDescriptor unmap = FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG);
    FunctionDescriptor advise = FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT);
    return new Calls(call("mmap", map), call("munmap", unmap), call("madvise", advise));
  }

  @SuppressWarnings("restricted")
  private static MethodHandle call(String name, FunctionDescriptor type) {
    Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), type);
  }

  /**
   * Zeroed memory of {@code bytes}, aligned to the smallest page at least, that lives as long as
   * the arena.
   *
   * @throws OutOfMemoryError if there is none
   */
  static MemorySegment allocate(Arena arena, long bytes) {
    Calls calls = CALLS;
    MemorySegment mapped =
        calls == null || bytes < HUGE_BYTES ? null : map(calls, arena, bytes + HUGE_BYTES);
    if (mapped == null) {
      return arena.allocate(bytes, PageLayout.MIN_PAGE_BYTES);
    }
    // What lies before the first whole huge page is never touched and takes no memory.
    long aligned = -mapped.address() & (HUGE_BYTES - 1);
    return mapped.asSlice(aligned, bytes);
  }

  @SuppressWarnings("restricted")
  private static @Nullable MemorySegment map(Calls calls, Arena arena, long bytes) {
    try {
      MemorySegment start =
          (MemorySegment)
              calls.map.invokeExact(
                  MemorySegment.NULL, bytes, READ_AND_WRITE, PRIVATE_AND_ANONYMOUS, -1, 0L);
      if (start.address() == FAILED) {
        return null;
      }
      MemorySegment mapped = start.reinterpret(bytes, arena, all -> unmap(calls, all));
      int _ = (int) calls.advise.invokeExact(mapped, bytes, ADVICE_HUGE_PAGES);
      return mapped; // where the advice is not taken, pages are small ones
    } catch (Throwable failure) {
      throw unexpected(failure);
    }
  }

  private static void unmap(Calls calls, MemorySegment all) {
    try {
      int _ = (int) calls.unmap.invokeExact(all, all.byteSize());
    } catch (Throwable failure) {
      throw unexpected(failure);
    }
  }

  private static RuntimeException unexpected(Throwable failure) {
    if (failure instanceof Error error) {
      throw error;
    }
    return new IllegalStateException("a call of the system could not be made", failure);
  }
}
