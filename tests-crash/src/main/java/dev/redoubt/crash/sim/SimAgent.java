package dev.redoubt.crash.sim;

import java.lang.instrument.Instrumentation;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Entry point for the JVM's agent loader; only keeps what it is given. */
public final class SimAgent {
  private static volatile @Nullable Instrumentation instrumentation;

  private SimAgent() {}

  /** Called by the JVM. */
  public static void agentmain(String arguments, Instrumentation given) {
    instrumentation = given;
  }

  static Instrumentation instrumentation() {
    return Objects.requireNonNull(instrumentation, "the agent was loaded by another class loader");
  }
}
