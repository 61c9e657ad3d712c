package dev.redoubt.demo.command;

import java.io.IOException;
import java.io.InputStream;

/** Ends a child process whose parent has gone. */
final class Orphan {
  private Orphan() {}

  /** Halts this JVM when standard input, which the parent holds open, comes to its end. */
  static void exitWithParent(InputStream in) {
    Thread.ofPlatform().daemon().name("parent").start(() -> await(in));
  }

  private static void await(InputStream in) {
    try {
      while (in.read() >= 0) {
        // Nothing is ever sent.
      }
    } catch (IOException e) {
      // A broken pipe says the same.
    }
    Runtime.getRuntime().halt(ExitCode.FAILED);
  }
}
