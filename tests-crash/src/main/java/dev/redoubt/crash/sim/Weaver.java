package dev.redoubt.crash.sim;

import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.MethodModel;
import java.lang.classfile.MethodTransform;
import java.lang.classfile.instruction.FieldInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.instrument.ClassFileTransformer;
import java.security.ProtectionDomain;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Rewrites classes for simulation. In the JDK's thread and concurrency classes, in Caffeine and in
 * the engine: {@code System.nanoTime} and {@code currentTimeMillis} become the virtual clock. In
 * the engine only: a yield point before every call into {@code java.util.concurrent} and of a
 * {@code VarHandle}, one before every access to a field (if wanted), and one in every spin; none
 * inside {@code compute} of a ConcurrentHashMap, in what it compares keys with, and in calls of a
 * logger, which hold monitors, nor in initialisers.
 */
final class Weaver implements ClassFileTransformer {
  private static final ClassDesc HOOK = ClassDesc.of("dev.redoubt.crash.sim.hook.SimHook");
  private static final MethodTypeDesc TO_LONG = MethodTypeDesc.of(ConstantDescs.CD_long);
  private static final MethodTypeDesc TO_VOID = MethodTypeDesc.of(ConstantDescs.CD_void);
  private static final Set<String> CLOCKS = Set.of("nanoTime", "currentTimeMillis");
  private static final String LOGGER = "java/lang/System$Logger";
  private static final String MAP = "java/util/concurrent/ConcurrentHashMap";
  private static final ClassDesc MAP_TYPE = ClassDesc.ofInternalName(MAP);
  private static final Set<String> COMPUTES =
      Set.of("compute", "computeIfPresent", "computeIfAbsent");

  /** Constructors, and what maps call while they hold a monitor: nobody may wait there. */
  private static final Set<String> WITHOUT_POINTS = Set.of("<init>", "equals", "hashCode");

  private static final List<String> TIMED =
      List.of(
          "java/util/concurrent/",
          "java/lang/Thread",
          "java/lang/VirtualThread",
          "com/github/benmanes/caffeine/");

  private final List<String> engine;
  private final List<String> quiet;
  private final boolean fields;
  private volatile @Nullable Throwable failure;

  /**
   * A weaver.
   *
   * @param engine prefixes of the engine's classes, with slashes
   * @param quiet prefixes of those that get no yield points
   * @param fields whether field accesses are yield points
   */
  Weaver(List<String> engine, List<String> quiet, boolean fields) {
    this.engine = List.copyOf(engine);
    this.quiet = List.copyOf(quiet);
    this.fields = fields;
  }

  /** What went wrong first; the JVM itself would swallow it. */
  @Nullable Throwable failure() {
    return failure;
  }

  /** Whether classes of that name, with slashes, are rewritten. */
  boolean wants(String name) {
    return isEngine(name) || startsWithAny(name, TIMED);
  }

  boolean isEngine(String name) {
    return startsWithAny(name, engine);
  }

  private static boolean startsWithAny(String name, List<String> prefixes) {
    for (String prefix : prefixes) {
      if (name.startsWith(prefix)) {
        return true;
      }
    }
    return false;
  }

  /** Rewrites a class for practice: what that needs must be loaded before the JVM asks. */
  void warmUp(byte[] bytes) {
    rewrite(Weaver.class.getClassLoader(), true, bytes);
    rewrite(null, false, bytes);
  }

  @Override
  public byte @Nullable [] transform(
      @Nullable ClassLoader loader,
      @Nullable String name,
      @Nullable Class<?> redefined,
      @Nullable ProtectionDomain domain,
      byte[] bytes) {
    if (name == null || !wants(name)) {
      return null;
    }
    try {
      return rewrite(loader, isEngine(name) && !startsWithAny(name, quiet), bytes);
    } catch (Throwable t) {
      failure = new IllegalStateException("cannot rewrite " + name, t);
      return null;
    }
  }

  private byte[] rewrite(@Nullable ClassLoader loader, boolean ofEngine, byte[] bytes) {
    ClassHierarchyResolver types =
        loader == null
            ? ClassHierarchyResolver.defaultResolver()
            : ClassHierarchyResolver.ofResourceParsing(loader)
                .orElse(ClassHierarchyResolver.defaultResolver());
    ClassFile files = ClassFile.of(ClassFile.ClassHierarchyResolverOption.of(types));
    ClassTransform transform =
        (builder, element) -> {
          // Class initialisers are left alone: they may run in the middle of anything.
          if (element instanceof MethodModel method && !isNamed(method, Set.of("<clinit>"))) {
            boolean points = ofEngine && !isNamed(method, WITHOUT_POINTS);
            builder.transformMethod(method, MethodTransform.transformingCode(code(points)));
          } else {
            builder.with(element);
          }
        };
    return files.transformClass(files.parse(bytes), transform);
  }

  private static boolean isNamed(MethodModel method, Set<String> names) {
    return names.contains(method.methodName().stringValue());
  }

  private CodeTransform code(boolean points) {
    return (code, element) -> {
      if (element instanceof InvokeInstruction call) {
        call(code, call, points);
      } else {
        if (points && fields && isShared(element)) {
          code.invokestatic(HOOK, "fieldPoint", TO_VOID);
        }
        code.with(element);
      }
    };
  }

  private static boolean isShared(CodeElement element) {
    // A dollar is the compiler's: flags of assertions, outer instances, tables of switches.
    return element instanceof FieldInstruction access
        && access.name().stringValue().indexOf('$') < 0;
  }

  private static void call(CodeBuilder code, InvokeInstruction call, boolean points) {
    String owner = call.owner().asInternalName();
    String name = call.name().stringValue();
    if (owner.equals("java/lang/System") && CLOCKS.contains(name)) {
      code.invokestatic(HOOK, name, TO_LONG);
    } else if (owner.equals(MAP) && points && COMPUTES.contains(name)) {
      code.invokestatic(HOOK, name, call.typeSymbol().insertParameterTypes(0, MAP_TYPE));
    } else if (points && owner.equals(LOGGER)) {
      code.invokestatic(HOOK, "enter", TO_VOID).with(call).invokestatic(HOOK, "exit", TO_VOID);
    } else if (points && owner.equals("java/lang/Thread") && name.equals("onSpinWait")) {
      code.invokestatic(HOOK, name, TO_VOID);
    } else {
      if (points && !name.equals("<init>") && isConcurrency(owner)) {
        code.invokestatic(HOOK, "lockPoint", TO_VOID);
      }
      code.with(call);
    }
  }

  private static boolean isConcurrency(String owner) {
    return owner.startsWith("java/util/concurrent/") || owner.equals("java/lang/invoke/VarHandle");
  }
}
