package dev.redoubt.wal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.InputStream;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleDescriptor.Requires;
import java.lang.module.ModuleDescriptor.Requires.Modifier;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** The log needs nothing but the JDK when it runs. */
final class DependenciesTest {
  @Test
  void theModuleRequiresTheJdkAndNothingElseWhenItRuns() throws Exception {
    URI classes = Log.class.getProtectionDomain().getCodeSource().getLocation().toURI();
    ModuleDescriptor module;
    try (InputStream in = Files.newInputStream(Path.of(classes).resolve("module-info.class"))) {
      module = ModuleDescriptor.read(in);
    }
    Set<String> optional = new TreeSet<>();
    for (Requires each : module.requires()) {
      if (each.modifiers().contains(Modifier.STATIC)) {
        optional.add(each.name());
      } else {
        assertTrue(each.name().matches("(java|jdk)\\..*"), each.name());
      }
    }
    assertEquals(Set.of("com.google.errorprone.annotations", "org.jspecify"), optional);
    assertEquals(
        Set.of("dev.redoubt.io", "dev.redoubt.wal", "dev.redoubt.wal.example"),
        Set.copyOf(module.exports().stream().map(ModuleDescriptor.Exports::source).toList()));
  }
}
