package dev.redoubt.buffer;

import java.io.BufferedReader;
import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.instruction.ConstantInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Shows that the stress tests find what they are for: plants bugs into the compiled latch and page
 * table and sets the tests on them. Run by {@code mvn verify} after the stress itself; exit code 1
 * if a bug escapes. Bugs of one round touch none of each other's tests.
 */
public final class StressPlants {
  /** Seeds of the compiler's random order; under the first the missing fence shows most often. */
  private static final List<Integer> ORDERS = List.of(2, 1, 3, 4, 5);

  private static final Pattern FAILED =
      Pattern.compile("\\[FAILED] dev\\.redoubt\\.buffer\\.(\\S+)");

  private final Path work;
  private final List<String> options;

  private StressPlants(Path work, List<String> options) {
    this.work = work;
    this.options = options;
  }

  /** Changes one instruction; false leaves it as it is. */
  private interface Change {
    boolean apply(CodeBuilder code, CodeElement element);
  }

  /**
   * A bug.
   *
   * @param method of {@code target}
   * @param foundBy the stress tests that must fail, one of them at least
   */
  private record Plant(
      String what, Class<?> target, String method, Set<String> foundBy, Change change) {
    boolean isFound(Set<String> red) {
      return foundBy.stream().anyMatch(red::contains);
    }
  }

  private static final List<List<Plant>> ROUNDS =
      List.of(
          List.of(
              new Plant(
                  "a page is validated without an acquire fence behind its reads",
                  VersionLatch.class,
                  "validate",
                  Set.of(
                      "LatchStress.OptimisticReadAndWriter",
                      "LatchStress.OptimisticReadAndDowngrade"),
                  (code, element) -> calls(element, "acquireFence")),
              new Plant(
                  "a latch counts for another page than the one asked for",
                  VersionLatch.class,
                  "confirmShared",
                  Set.of("LatchStress.SharedAndReclaim"),
                  (code, element) -> {
                    if (!calls(element, "releaseShared")) {
                      return false;
                    }
                    code.pop().iconst_1().ireturn();
                    return true;
                  }),
              new Plant(
                  "a page that is in a frame is entered for another, too",
                  PageTable.class,
                  "putIfAbsent",
                  Set.of("PublicationStress.TwoFaults"),
                  (code, element) -> {
                    if (!calls(element, "compareAndSet")) {
                      return false;
                    }
                    code.with(element).pop().iconst_1();
                    return true;
                  })),
          List.of(
              new Plant(
                  "a page is shown while its frame is held exclusively: published before loaded",
                  VersionLatch.class,
                  "optimistic",
                  Set.of("PublicationStress.FaultAndOptimisticRead"),
                  (code, element) -> constant(code, element, 1L, 0L)),
              new Plant(
                  "what was read of it then is validated",
                  VersionLatch.class,
                  "validate",
                  Set.of("PublicationStress.FaultAndOptimisticRead"),
                  (code, element) -> constant(code, element, -(1L << 23) | 1, -(1L << 23))),
              new Plant(
                  "the end of an exclusive hold leaves the version as it was",
                  VersionLatch.class,
                  "releaseExclusive",
                  Set.of("LatchStress.Upgrade"),
                  (code, element) -> constant(code, element, (1L << 23) - 1, -1L))));

  private static boolean calls(CodeElement element, String method) {
    return element instanceof InvokeInstruction call && call.name().equalsString(method);
  }

  private static boolean constant(CodeBuilder code, CodeElement element, long from, long to) {
    if (element instanceof ConstantInstruction found && found.constantValue().equals(from)) {
      code.loadConstant(to);
      return true;
    }
    return false;
  }

  /** Arguments: a folder to work in, and what else the stress is run with. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    List<String> options = List.of(arguments).subList(1, arguments.length);
    StressPlants plants = new StressPlants(Path.of(arguments[0]), options);
    List<String> escaped = new ArrayList<>();
    for (int round = 0; round < ROUNDS.size(); round++) {
      escaped.addAll(plants.escaped(ROUNDS.get(round), round));
    }
    escaped.forEach(what -> System.err.println("NOT FOUND: " + what));
    System.exit(escaped.isEmpty() ? 0 : 1);
  }

  private List<String> escaped(List<Plant> round, int number)
      throws IOException, InterruptedException {
    Path classes = work.resolve("planted-" + number);
    for (Class<?> target : round.stream().map(Plant::target).distinct().toList()) {
      byte[] bytes = bytes(target);
      for (Plant plant : round) {
        bytes = plant.target == target ? planted(plant, bytes) : bytes;
      }
      Path file = classes.resolve(target.getName().replace('.', '/') + ".class");
      Files.createDirectories(file.getParent());
      Files.write(file, bytes);
    }
    Set<String> red = new TreeSet<>();
    for (int order : ORDERS) {
      red.addAll(failing(classes, round, order));
      if (round.stream().allMatch(plant -> plant.isFound(red))) {
        break;
      }
    }
    for (Plant plant : round) {
      System.out.println(plant.what + (plant.isFound(red) ? ": found" : ": NOT FOUND"));
    }
    return round.stream().filter(plant -> !plant.isFound(red)).map(Plant::what).toList();
  }

  private static byte[] bytes(Class<?> type) throws IOException {
    try (var in = type.getResourceAsStream(type.getSimpleName() + ".class")) {
      if (in == null) {
        throw new IllegalStateException("no class file of " + type);
      }
      return in.readAllBytes();
    }
  }

  private static byte[] planted(Plant plant, byte[] bytes) {
    AtomicInteger changed = new AtomicInteger();
    CodeTransform code =
        (builder, element) -> {
          if (plant.change.apply(builder, element)) {
            changed.incrementAndGet();
          } else {
            builder.with(element);
          }
        };
    ClassFile file = ClassFile.of(ClassFile.DeadCodeOption.PATCH_DEAD_CODE);
    byte[] result =
        file.transformClass(
            file.parse(bytes),
            ClassTransform.transformingMethodBodies(
                method -> method.methodName().equalsString(plant.method), code));
    if (changed.get() != 1) {
      throw new IllegalStateException(changed + " places for: " + plant.what);
    }
    return result;
  }

  /** The stress tests that fail with these classes before the real ones. */
  private Set<String> failing(Path classes, List<Plant> round, int order)
      throws IOException, InterruptedException {
    String tests =
        round.stream()
            .flatMap(plant -> plant.foundBy.stream())
            .map(Pattern::quote)
            .collect(Collectors.joining("|", ".*\\.(", ")"));
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                classes
                    + System.getProperty("path.separator")
                    + System.getProperty("java.class.path"),
                "org.openjdk.jcstress.Main",
                "-t",
                tests));
    for (String option : options) {
      command.add(option.contains("StressGCM") ? option + " -XX:StressSeed=" + order : option);
    }
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    Set<String> red = new TreeSet<>();
    try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        Matcher matcher = FAILED.matcher(line);
        if (matcher.find()) {
          red.add(matcher.group(1));
        }
      }
    }
    process.waitFor();
    return red;
  }
}
