package dev.redoubt.crash.disk;

/**
 * Sees every mutating call before it takes effect, in the calling thread. The disk may be looked at
 * and {@link SimDisk#crash crashed} from inside; images made there are independent disks.
 */
@FunctionalInterface
public interface IoListener {
  /** Called before {@code event} takes effect on {@code disk}. */
  void before(SimDisk disk, IoEvent event);
}
