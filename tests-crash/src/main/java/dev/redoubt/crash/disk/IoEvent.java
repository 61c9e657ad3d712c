package dev.redoubt.crash.disk;

/**
 * One call on the simulated disk.
 *
 * @param ordinal number of the mutating call on its disk, from 0; a read carries the ordinal of the
 *     mutating call that follows it
 * @param kind what was called
 * @param file the file; for a rename {@code from>to}; empty for the directory
 * @param offset first byte of the transfer, in bytes; 0 where there is none
 * @param length bytes of the transfer; 0 where there is none
 * @param allocating whether the call takes space the disk has not given to the file before
 * @param phase what the workload said it was doing ({@link SimDisk#phase})
 * @param site the calling method outside the door to the disk, or empty if sites were not asked for
 */
public record IoEvent(
    long ordinal,
    IoKind kind,
    String file,
    long offset,
    int length,
    boolean allocating,
    String phase,
    String site) {
  /** One line of a trace. */
  @Override
  public String toString() {
    String where = length == 0 ? "" : " [" + offset + ", +" + length + ")";
    String from = site.isEmpty() ? "" : " at " + site;
    return "#" + ordinal + " " + phase + " " + kind + " " + file + where + from;
  }
}
