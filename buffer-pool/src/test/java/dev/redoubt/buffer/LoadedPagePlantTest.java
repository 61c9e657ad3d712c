package dev.redoubt.buffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.buffer.PageLoader.Purpose;
import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** {@link LoadedPageTest} finds a page that is published before it is loaded. */
class LoadedPagePlantTest {
  /** What {@code PageFaults} does then instead of {@link PageLoader#load}. */
  static final class Early {
    private Early() {}

    static void load(PageLoader loader, Frame frame, long pageId, Purpose purpose) {
      frame.latch.releaseExclusive();
      loader.load(frame, pageId, purpose);
      frame.latch.exclusive(pageId);
    }
  }

  /** Has the classes of this package anew, one of them changed; all else as it is. */
  private static final class Planting extends ClassLoader {
    final AtomicInteger places = new AtomicInteger();

    Planting() {
      super(LoadedPagePlantTest.class.getClassLoader());
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      synchronized (getClassLoadingLock(name)) {
        Class<?> loaded = findLoadedClass(name);
        if (loaded != null) {
          return loaded;
        }
        return name.startsWith("dev.redoubt.buffer.")
            ? findClass(name)
            : super.loadClass(name, resolve);
      }
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
      try (var in = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
        if (in == null) {
          throw new ClassNotFoundException(name);
        }
        byte[] bytes = in.readAllBytes();
        byte[] taken = name.equals(PageFaults.class.getName()) ? planted(bytes) : bytes;
        return defineClass(name, taken, 0, taken.length);
      } catch (IOException e) {
        throw new ClassNotFoundException(name, e);
      }
    }

    private byte[] planted(byte[] bytes) {
      ClassDesc early = ClassDesc.of(Early.class.getName());
      MethodTypeDesc load =
          MethodTypeDesc.of(
              ConstantDescs.CD_void,
              ClassDesc.of(PageLoader.class.getName()),
              ClassDesc.of(Frame.class.getName()),
              ConstantDescs.CD_long,
              ClassDesc.of(Purpose.class.getName()));
      CodeTransform code =
          (builder, element) -> {
            if (element instanceof InvokeInstruction call && call.name().equalsString("load")) {
              places.incrementAndGet();
              builder.invokestatic(early, "load", load);
            } else {
              builder.with(element);
            }
          };
      ClassFile file = ClassFile.of();
      return file.transformClass(
          file.parse(bytes),
          ClassTransform.transformingMethodBodies(
              method -> method.methodName().equalsString("fault"), code));
    }
  }

  @Test
  void pagePublishedBeforeItIsLoadedIsFound() throws ReflectiveOperationException {
    Planting planting = new Planting();
    Class<?> loaded = planting.loadClass(LoadedPageTest.class.getName());
    var constructor = loaded.getDeclaredConstructor();
    constructor.setAccessible(true);
    Method method = loaded.getDeclaredMethod("whoeverComesWhileAPageIsReadSeesItWhole");
    method.setAccessible(true);
    Object test = constructor.newInstance();
    InvocationTargetException found =
        assertThrows(InvocationTargetException.class, () -> method.invoke(test));
    assertEquals(1, planting.places.get());
    AssertionError seen = assertInstanceOf(AssertionError.class, found.getCause());
    assertTrue(String.valueOf(seen.getMessage()).contains("expected: <1>"), seen::toString);
  }
}
