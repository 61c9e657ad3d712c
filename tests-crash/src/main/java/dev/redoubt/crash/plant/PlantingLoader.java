package dev.redoubt.crash.plant;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFile.ClassHierarchyResolverOption;
import java.lang.classfile.ClassHierarchyResolver;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Loads classes of an engine, and of what tests it, a second time: those a bug patches with its
 * patches, the others as they are. What runs in here shares nothing with the real engine beside it
 * but the classes whose names do not begin with the prefix. On the class path only: modules keep
 * their own loaders. Thread-safe.
 *
 * <p>
 *
 * {@snippet :
 * var loader = new PlantingLoader("com.example.", bug, MyTest.class.getClassLoader());
 * String found = loader.function("com.example.Hunt").apply("seed=1");
 * }
 */
public final class PlantingLoader extends ClassLoader {
  private final String prefix;
  private final PlantedBug bug;
  private final ClassLoader real;
  private final Map<String, Boolean> patched = new ConcurrentHashMap<>();
  private volatile @Nullable IllegalStateException stale;

  static {
    registerAsParallelCapable();
  }

  /**
   * A loader for one bug.
   *
   * @param prefix of the names of all classes to load again
   * @param bug to plant
   * @param real where the bytes of classes come from, and all other classes
   */
  public PlantingLoader(String prefix, PlantedBug bug, ClassLoader real) {
    super(bug.name(), real);
    this.prefix = prefix;
    this.bug = bug;
    this.real = real;
    setDefaultAssertionStatus(true);
  }

  /**
   * A new instance of a class with a public constructor without arguments, loaded here. Text goes
   * in and text comes out, since nothing else of the engine is the same class on both sides.
   */
  @SuppressWarnings("unchecked")
  public Function<String, String> function(String className) {
    try {
      Object made = loadClass(className).getConstructor().newInstance();
      return (Function<String, String>) made;
    } catch (ReflectiveOperationException e) {
      throw new IllegalArgumentException(className + " cannot be run with a planted bug", e);
    }
  }

  /** Classes that the bug patches and that were never loaded: the bug was not reached. */
  public Set<String> unreached() {
    Set<String> names = new HashSet<>();
    bug.patches().forEach(patch -> names.add(patch.className()));
    names.removeAll(patched.keySet());
    return names;
  }

  /**
   * To be called when something was found: the complaint of a patch that fits nothing is no find.
   *
   * @throws IllegalStateException if there was one
   */
  public void requirePlanted() {
    IllegalStateException nothing = stale;
    if (nothing != null) {
      throw nothing;
    }
  }

  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    if (!name.startsWith(prefix)) {
      return super.loadClass(name, resolve);
    }
    synchronized (getClassLoadingLock(name)) {
      Class<?> known = findLoadedClass(name);
      return known == null ? define(name) : known;
    }
  }

  private Class<?> define(String name) throws ClassNotFoundException {
    byte[] bytes;
    try (InputStream in = real.getResourceAsStream(name.replace('.', '/') + ".class")) {
      if (in == null) {
        throw new ClassNotFoundException(name);
      }
      bytes = in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    ClassFile classFile =
        ClassFile.of(
            ClassHierarchyResolverOption.of(
                ClassHierarchyResolver.ofResourceParsing(real)
                    .orElse(Objects.requireNonNull(ClassHierarchyResolver.defaultResolver()))));
    for (Patch patch : bug.patches()) {
      if (patch.className().equals(name)) {
        bytes = planted(patch, classFile, bytes);
        patched.put(name, true);
      }
    }
    return defineClass(name, bytes, 0, bytes.length);
  }

  private byte[] planted(Patch patch, ClassFile classFile, byte[] original) {
    try {
      return patch.apply(classFile, original);
    } catch (IllegalStateException nothing) {
      stale = nothing;
      throw nothing;
    }
  }
}
