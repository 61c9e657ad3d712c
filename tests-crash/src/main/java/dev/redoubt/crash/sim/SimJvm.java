package dev.redoubt.crash.sim;

import com.sun.tools.attach.AttachNotSupportedException;
import com.sun.tools.attach.VirtualMachine;
import dev.redoubt.crash.sim.hook.SimHook;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.instrument.Instrumentation;
import java.lang.instrument.UnmodifiableClassException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntConsumer;
import java.util.function.LongSupplier;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.jspecify.annotations.Nullable;

/**
 * Prepares this JVM for simulations: loads an agent into it, rewrites the classes concerned ({@code
 * docs/testing.md}), opens the internals that the scheduler needs, and initialises the classes of
 * the engine and of this suite. Once per JVM, which must have been started with {@link #FLAGS}, on
 * the class path.
 */
public final class SimJvm {
  /** Flags of a JVM that simulates. */
  public static final List<String> FLAGS =
      List.of(
          "-Djdk.attach.allowAttachSelf=true",
          "-XX:+EnableDynamicAgentLoading",
          "-Djdk.trackAllThreads=false");

  /** What subjects of this suite use besides the engine. */
  private static final List<String> SUITE =
      List.of(
          "dev.redoubt.crash.check.",
          "dev.redoubt.crash.disk.",
          "dev.redoubt.crash.history.",
          "dev.redoubt.crash.store.",
          "dev.redoubt.crash.workload.");

  private static final String HOOK = "dev.redoubt.crash.sim.hook.SimHook";
  private static @Nullable List<String> installed;

  private SimJvm() {}

  /** Redoubt's packages, with field accesses as yield points. */
  public static void installForRedoubt() {
    install(
        List.of(
            "dev.redoubt.io.",
            "dev.redoubt.wal.",
            "dev.redoubt.buffer.",
            "dev.redoubt.recovery.",
            "dev.redoubt.kv."),
        List.of("dev.redoubt.buffer.CaffeinePolicy"),
        true);
  }

  /**
   * Prepares the JVM. Does nothing if it is prepared already for the same engine.
   *
   * @param engine prefixes of the names of the engine's classes, such as {@code org.example.}
   * @param quiet prefixes of those among them that get no yield points, because a library calls
   *     them while it holds a monitor
   * @param fields whether accesses to fields of the engine are yield points, at about half the
   *     speed
   * @throws IllegalStateException if the JVM is not JDK 25, was started without {@link #FLAGS}, or
   *     was prepared for another engine
   */
  public static synchronized void install(List<String> engine, List<String> quiet, boolean fields) {
    if (installed != null && !installed.equals(engine)) {
      throw new IllegalStateException("this JVM simulates " + installed + ", not " + engine);
    }
    try {
      if (installed == null) {
        prepare(engine, quiet, fields);
        installed = List.copyOf(engine);
      }
      connect(bootHook());
    } catch (IOException | ReflectiveOperationException | UnmodifiableClassException e) {
      throw new IllegalStateException("this JVM cannot simulate", e);
    }
  }

  private static void prepare(List<String> engine, List<String> quiet, boolean fields)
      throws IOException, ReflectiveOperationException, UnmodifiableClassException {
    check();
    Weaver weaver = new Weaver(slashed(engine), slashed(quiet), fields);
    if (isPrepared()) { // by this class in another class loader: its weaver sees our classes too
      openInternals((Instrumentation) bootHook().getField("instrumentation").get(null));
      connect(bootHook());
    } else {
      Instrumentation instrumentation = attach();
      openInternals(instrumentation);
      bootHook().getField("instrumentation").set(null, instrumentation);
      connect(bootHook());
      rewrite(instrumentation, weaver);
    }
    EngineClasses.initialize(engine);
    EngineClasses.initialize(SUITE);

    if (weaver.failure() != null) {
      throw new IllegalStateException(weaver.failure());
    }
  }

  /** Initialises classes that simulated threads will use, before any of them runs. */
  static void initialize(List<String> prefixes) {
    try {
      EngineClasses.initialize(prefixes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean isPrepared() {
    try {
      return bootHook() != null;
    } catch (ClassNotFoundException e) {
      return false;
    }
  }

  /** The copy of the hook that rewritten classes of the JDK call. */
  private static Class<?> bootHook() throws ClassNotFoundException {
    return Class.forName(HOOK, true, null);
  }

  private static List<String> slashed(List<String> names) {
    return names.stream().map(name -> name.replace('.', '/')).toList();
  }

  /** Whether this JVM was started with {@link #FLAGS}. */
  public static boolean canSimulate() {
    return Boolean.getBoolean("jdk.attach.allowAttachSelf")
        && "false".equals(System.getProperty("jdk.trackAllThreads"));
  }

  private static void check() {
    if (Runtime.version().feature() != 25) {
      throw new IllegalStateException(
          "simulation is bound to the internals of JDK 25; this is " + Runtime.version());
    }
    if (!canSimulate()) {
      throw new IllegalStateException("start the JVM that simulates with " + FLAGS);
    }
  }

  private static Instrumentation attach() throws IOException {
    Path folder = Files.createTempDirectory("redoubt-sim");
    Path agent = jar(folder.resolve("agent.jar"), SimAgent.class.getName(), null);
    Path boot = jar(folder.resolve("hook.jar"), null, HOOK.replace('.', '/') + ".class");
    try {
      VirtualMachine self = VirtualMachine.attach(Long.toString(ProcessHandle.current().pid()));
      try {
        self.loadAgent(agent.toString());
      } finally {
        self.detach();
      }
    } catch (AttachNotSupportedException
        | com.sun.tools.attach.AgentLoadException
        | com.sun.tools.attach.AgentInitializationException e) {
      throw new IOException("the agent cannot be loaded", e);
    }
    Instrumentation instrumentation = SimAgent.instrumentation();
    instrumentation.appendToBootstrapClassLoaderSearch(new JarFile(boot.toFile()));
    for (Path file : List.of(agent, boot, folder)) {
      file.toFile().deleteOnExit();
    }
    return instrumentation;
  }

  private static Path jar(Path file, @Nullable String agentClass, @Nullable String entry)
      throws IOException {
    Manifest manifest = new Manifest();
    Attributes attributes = manifest.getMainAttributes();
    attributes.put(Attributes.Name.MANIFEST_VERSION, "1.0");
    if (agentClass != null) {
      attributes.putValue("Agent-Class", agentClass);
      attributes.putValue("Can-Retransform-Classes", "true");
    }
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(file), manifest)) {
      if (entry != null) {
        out.putNextEntry(new JarEntry(entry));
        out.write(resource(entry));
      }
    }
    return file;
  }

  private static byte[] resource(String name) throws IOException {
    try (InputStream bytes = SimJvm.class.getResourceAsStream("/" + name)) {
      if (bytes == null) {
        throw new IOException(name + " is not on the class path");
      }
      return bytes.readAllBytes();
    }
  }

  private static void openInternals(Instrumentation instrumentation) {
    Set<Module> us = Set.of(SimJvm.class.getModule());
    instrumentation.redefineModule(
        Object.class.getModule(), Set.of(), Map.of(), Map.of("java.lang", us), Set.of(), Map.of());
  }

  /**
   * Gives the hook its two ends: both copies of it, should the engine's loader have one of its own.
   * Whoever installed last is the one who simulates.
   */
  private static void connect(Class<?> boot) throws ReflectiveOperationException {
    LongSupplier clock = Scheduler::clock;
    IntConsumer points = Scheduler::point;
    boot.getField("clock").set(null, clock);
    boot.getField("points").set(null, points);
    SimHook.clock = clock;
    SimHook.points = points;
  }

  private static void rewrite(Instrumentation instrumentation, Weaver weaver)
      throws UnmodifiableClassException, IOException {
    weaver.warmUp(resource(SimJvm.class.getName().replace('.', '/') + ".class"));
    instrumentation.addTransformer(weaver, true);
    List<Class<?>> loaded = new ArrayList<>();
    for (Class<?> type : instrumentation.getAllLoadedClasses()) {
      if (!type.isArray()
          && !type.isHidden()
          && instrumentation.isModifiableClass(type)
          && weaver.wants(type.getName().replace('.', '/'))) {
        loaded.add(type);
      }
    }
    instrumentation.retransformClasses(loaded.toArray(Class<?>[]::new));
  }
}
