package dev.redoubt.crash.disk;

/** The calls on a disk, as the simulated disk counts, traces, fails and crashes them. */
public enum IoKind {
  CREATE,
  READ,
  WRITE,
  FORCE,
  RENAME,
  DELETE,
  FORCE_DIRECTORY;

  /** Whether the call can change what survives a crash. Only such calls have an ordinal. */
  public boolean mutates() {
    return this != READ;
  }
}
