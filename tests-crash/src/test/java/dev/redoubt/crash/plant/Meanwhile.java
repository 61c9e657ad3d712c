package dev.redoubt.crash.plant;

import dev.redoubt.crash.work.Subject;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * What another thread would do between two steps of an engine with a planted race, done by the same
 * thread, so that it happens every time. One of each for each planted bug; confined to one thread.
 */
public final class Meanwhile {
  /** Of so many times one: a checkpoint each time would be too slow. */
  private static final int SELDOM = 5;

  /** Engines that are open, the one at work last: a survivor is opened while a run stands still. */
  private static final Deque<Subject> OPEN = new ArrayDeque<>();

  private static int count;
  private static boolean inside;

  private Meanwhile() {}

  /** Opens engines whose checkpoints come between the steps of others, until they are closed. */
  static Subject.Factory racing(Subject.Factory factory) {
    return (disk, environment) -> {
      Subject subject = factory.open(disk, environment);
      OPEN.push(subject);
      return (Subject)
          Proxy.newProxyInstance(
              Meanwhile.class.getClassLoader(),
              new Class<?>[] {Subject.class},
              (_, method, arguments) -> {
                if (method.getName().equals("close") || method.getName().equals("abandon")) {
                  OPEN.remove(subject);
                }
                return invoke(subject, method, arguments);
              });
    };
  }

  private static @Nullable Object invoke(
      Subject subject, Method method, @Nullable Object @Nullable [] arguments) throws Throwable {
    try {
      return method.invoke(subject, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  static void run() {
    Subject now = OPEN.peek();
    if (now != null && !inside && ++count % SELDOM == 0) {
      inside = true;
      try {
        now.checkpoint();
      } finally {
        inside = false;
      }
    }
  }
}
