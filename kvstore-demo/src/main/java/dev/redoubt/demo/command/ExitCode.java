package dev.redoubt.demo.command;

/** Exit codes of every command; the help of each lists them. */
public final class ExitCode {
  /** Done. */
  public static final int OK = 0;

  /** The answer is no: key not found, or verify found problems. */
  public static final int NO = 1;

  /** The arguments or the input cannot be used; nothing was done, or what the message says. */
  public static final int USAGE = 2;

  /** The store, the disk or the program failed. */
  public static final int FAILED = 3;

  private ExitCode() {}
}
