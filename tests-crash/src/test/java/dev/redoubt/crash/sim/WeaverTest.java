package dev.redoubt.crash.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.instruction.InvokeInstruction;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Where threads may yield. */
class WeaverTest {
  @Test
  void keysAreComparedWithoutYielding() throws Exception {
    assertEquals(Set.of("first"), methodsWithPoints(Key.class));
  }

  private static Set<String> methodsWithPoints(Class<?> type) throws Exception {
    String name = type.getName().replace('.', '/');
    Weaver weaver = new Weaver(List.of(name), List.of(), true);
    try (InputStream code = type.getResourceAsStream("/" + name + ".class")) {
      byte[] woven =
          weaver.transform(
              type.getClassLoader(), name, null, null, Objects.requireNonNull(code).readAllBytes());
      return ClassFile.of().parse(Objects.requireNonNull(woven)).methods().stream()
          .filter(
              method -> method.code().orElseThrow().elementStream().anyMatch(WeaverTest::isPoint))
          .map(method -> method.methodName().stringValue())
          .collect(Collectors.toSet());
    }
  }

  private static boolean isPoint(Object element) {
    return element instanceof InvokeInstruction call && call.name().equalsString("fieldPoint");
  }

  /** A map compares such keys while it holds a monitor. */
  private record Key(int first) {
    @Override
    public boolean equals(Object other) {
      return other instanceof Key that && first == that.first;
    }

    @Override
    public int hashCode() {
      return first;
    }
  }
}
