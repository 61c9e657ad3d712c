package dev.redoubt.crash.sim;

import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** What a map does in one step, in two, with others in between. */
public final class TwoSteps {
  private TwoSteps() {}

  /** As the map's, but for others that come between. */
  public static @Nullable Object computeIfPresent(
      ConcurrentHashMap<Object, Object> map,
      Object key,
      BiFunction<Object, Object, @Nullable Object> change) {
    Object old = map.get(key);
    if (old == null) {
      return null;
    }
    Object changed = change.apply(key, old);
    Scheduler.letOthersRun();
    if (changed == null) {
      map.remove(key);
    } else {
      map.put(key, changed);
    }
    return changed;
  }

  /** As the map's, but for others that come between. */
  public static @Nullable Object putIfAbsent(
      ConcurrentHashMap<Object, Object> map, Object key, Object value) {
    Object old = map.get(key);
    Scheduler.letOthersRun();
    if (old == null) {
      map.put(key, value);
    }
    return old;
  }
}
