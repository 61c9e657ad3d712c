package dev.redoubt.demo;

import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.core.domain.AccessTarget.CodeUnitAccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import java.util.Collection;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.Timer;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.BaseStream;

/** Which calls read a clock, start a thread or draw a number that a simulation cannot decide. */
final class SimulationSeam {
  private static final String CONSTRUCTOR = "<init>";

  private static final Map<String, Set<String>> METHODS =
      Map.of(
          "java.lang.Thread",
          Set.of(CONSTRUCTOR, "ofPlatform", "ofVirtual", "sleep", "startVirtualThread"),
          "java.lang.System",
          Set.of("currentTimeMillis", "nanoTime"),
          "java.lang.Math",
          Set.of("random"),
          "java.time.Clock",
          Set.of("systemDefaultZone", "systemUTC", "system", "tick", "tickMillis", "tickSeconds"),
          "java.util.UUID",
          Set.of("randomUUID"),
          "java.util.concurrent.CompletableFuture",
          Set.of("completeOnTimeout", "delayedExecutor", "orTimeout"),
          "java.util.random.RandomGenerator",
          Set.of("getDefault"));

  private SimulationSeam() {}

  static boolean isEscape(JavaAccess<?> access) {
    AccessTarget target = access.getTarget();
    JavaClass owner = target.getOwner();
    String name = target.getName();
    return METHODS.getOrDefault(owner.getName(), Set.of()).contains(name)
        || (owner.isAssignableTo(Thread.class) && name.equals(CONSTRUCTOR))
        || (owner.getPackageName().equals("java.time") && name.equals("now"))
        || isChance(owner, name, target)
        || isHiddenThread(owner, name, target);
  }

  private static boolean isChance(JavaClass owner, String name, AccessTarget target) {
    boolean seedless = target instanceof CodeUnitAccessTarget unit && parameters(unit).isEmpty();
    return owner.isEquivalentTo(ThreadLocalRandom.class)
        || (owner.isAssignableTo(Random.class) && name.equals(CONSTRUCTOR))
        || (owner.isEquivalentTo(SplittableRandom.class) && name.equals(CONSTRUCTOR) && seedless);
  }

  private static boolean isHiddenThread(JavaClass owner, String name, AccessTarget target) {
    return owner.isEquivalentTo(Executors.class)
        || owner.isEquivalentTo(Timer.class)
        || (owner.isEquivalentTo(ForkJoinPool.class)
            && (name.equals("commonPool") || name.equals(CONSTRUCTOR)))
        || (owner.isAssignableTo(Collection.class) && name.equals("parallelStream"))
        || (owner.isAssignableTo(BaseStream.class) && name.equals("parallel"))
        || (owner.isAssignableTo(CompletionStage.class)
            && name.endsWith("Async")
            && target instanceof CodeUnitAccessTarget unit
            && parameters(unit).stream().noneMatch(p -> p.isAssignableTo(Executor.class)));
  }

  private static Collection<JavaClass> parameters(CodeUnitAccessTarget unit) {
    return unit.getRawParameterTypes();
  }
}
