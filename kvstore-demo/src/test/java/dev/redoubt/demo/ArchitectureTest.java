package dev.redoubt.demo;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.FileReader;
import java.io.FileWriter;
import java.io.RandomAccessFile;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The arrows between the modules, the door to the disk, and the seams for simulation. */
class ArchitectureTest {
  private static final String ROOT = "dev.redoubt.";
  private static final List<String> PACKAGES =
      List.of("io", "wal", "buffer", "recovery", "kv", "demo", "crash", "benchmarks");

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("dev.redoubt");

  private static final DescribedPredicate<JavaClass> SYSTEM_ENVIRONMENT =
      DescribedPredicate.describe(
          "SystemEnvironment",
          type ->
              type.getName().equals("dev.redoubt.io.SystemEnvironment")
                  || type.getName().startsWith("dev.redoubt.io.SystemEnvironment$"));

  @Test
  void everyModuleIsSeen() {
    for (String name : List.of("io", "wal", "buffer", "recovery", "kv", "demo")) {
      assertTrue(CLASSES.containPackage(ROOT + name), name);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "io,       io",
    "wal,      io wal",
    "buffer,   io wal buffer",
    "recovery, io wal buffer recovery",
    "kv,       io wal buffer recovery kv",
    "demo,     io wal buffer recovery kv demo"
  })
  void packageKnowsOnlyThoseBelowIt(String name, String known) {
    List<String> below = Arrays.asList(known.split(" "));
    String[] above =
        PACKAGES.stream()
            .filter(p -> !below.contains(p))
            .map(p -> ROOT + p + "..")
            .toArray(String[]::new);
    noClasses()
        .that()
        .resideInAPackage(ROOT + name + "..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(above)
        .allowEmptyShould(true)
        .check(CLASSES);
  }

  @Test
  void packagesFormNoCycle() {
    slices()
        .matching("dev.redoubt.(**)")
        .should()
        .beFreeOfCycles()
        .allowEmptyShould(true)
        .check(CLASSES);
  }

  @Test
  void librariesKnowNoCommandLine() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.redoubt.demo..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("picocli..")
        .allowEmptyShould(true)
        .check(CLASSES);
  }

  @Test
  void onlyTheDoorTouchesTheDisk() {
    noClasses()
        .that()
        .resideInAnyPackage(
            "dev.redoubt.wal..",
            "dev.redoubt.buffer..",
            "dev.redoubt.recovery..",
            "dev.redoubt.kv..")
        .should()
        .dependOnClassesThat()
        .belongToAnyOf(
            AsynchronousFileChannel.class,
            FileChannel.class,
            FileInputStream.class,
            FileOutputStream.class,
            FileReader.class,
            FileWriter.class,
            Files.class,
            RandomAccessFile.class)
        .allowEmptyShould(true)
        .check(CLASSES);
  }

  @Test
  void onlySystemEnvironmentTouchesClockThreadsAndChance() {
    noClasses()
        .that()
        .resideInAnyPackage(
            "dev.redoubt.io..",
            "dev.redoubt.wal..",
            "dev.redoubt.buffer..",
            "dev.redoubt.recovery..",
            "dev.redoubt.kv..")
        .and(DescribedPredicate.not(SYSTEM_ENVIRONMENT))
        .should()
        .accessTargetWhere(
            DescribedPredicate.<JavaAccess<?>>describe(
                "the target escapes simulation", SimulationSeam::isEscape))
        .allowEmptyShould(true)
        .check(CLASSES);
  }

  /** The rule itself is tested: it must see every call of {@link SimulationEscapes}. */
  @Test
  void everyEscapeIsSeen() {
    JavaClass escapes =
        new ClassFileImporter().importClasses(SimulationEscapes.class).get(SimulationEscapes.class);
    List<String> unseen =
        escapes.getMethods().stream()
            .filter(m -> m.getAccessesFromSelf().stream().noneMatch(SimulationSeam::isEscape))
            .map(m -> m.getName())
            .filter(m -> !m.startsWith("allowed") && !m.startsWith("lambda$"))
            .toList();
    assertEquals(List.of(), unseen);
    List<String> wronglySeen =
        escapes.getMethods().stream()
            .filter(m -> m.getName().startsWith("allowed"))
            .filter(m -> m.getAccessesFromSelf().stream().anyMatch(SimulationSeam::isEscape))
            .map(m -> m.getName())
            .toList();
    assertEquals(List.of(), wronglySeen);
  }
}
