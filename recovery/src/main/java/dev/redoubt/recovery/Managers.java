package dev.redoubt.recovery;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The registered resource managers, and which of them have records in the log. Thread-safe. */
final class Managers {
  private final @Nullable ResourceManager[] byId = new ResourceManager[256];

  // Written before the append of the first record of a manager. The log's append latch orders that
  // before the begin record of every later checkpoint, so the plain array is enough.
  private final boolean[] used = new boolean[256];

  Managers(List<ResourceManager> managers) {
    for (ResourceManager manager : managers) {
      int id = manager.id();
      if (id < 1 || id > 255) {
        throw new IllegalArgumentException(
            "resource manager " + manager.name() + " has id " + id + ", not 1 to 255");
      }
      ResourceManager other = byId[id];
      if (other != null) {
        throw new IllegalArgumentException(
            "resource managers " + other.name() + " and " + manager.name() + " share id " + id);
      }
      byId[id] = manager;
    }
  }

  @Nullable ResourceManager find(int id) {
    return byId[id];
  }

  ResourceManager get(int id) {
    ResourceManager manager = byId[id];
    if (manager == null) {
      throw new UnregisteredManagerException(List.of(id));
    }
    return manager;
  }

  void use(int id) {
    if (!used[id]) {
      used[id] = true;
    }
  }

  List<Integer> used() {
    List<Integer> ids = new ArrayList<>();
    for (int id = 1; id < used.length; id++) {
      if (used[id]) {
        ids.add(id);
      }
    }
    return ids;
  }

  /**
   * Takes over what the log has used so far.
   *
   * @throws UnregisteredManagerException if one of them is not registered (rule 21)
   */
  void requireAll(List<Integer> ids) {
    List<Integer> missing = ids.stream().filter(id -> byId[id] == null).toList();
    if (!missing.isEmpty()) {
      throw new UnregisteredManagerException(missing);
    }
    ids.forEach(this::use);
  }
}
