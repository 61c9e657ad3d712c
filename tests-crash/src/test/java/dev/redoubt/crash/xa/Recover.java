package dev.redoubt.crash.xa;

import dev.redoubt.kv.Store;
import dev.redoubt.kv.xa.XaStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.transaction.xa.XAResource;

/**
 * The program of the second JVM: opens the stores of every halted run and has the transaction
 * manager recover. Prints for each run what was in doubt before and the two values after.
 */
final class Recover {
  private Recover() {}

  /** Arguments: folder of the coordinator, folders of the stores. */
  public static void main(String[] arguments) throws Exception {
    Coordinator.setUp(Path.of(arguments[0]));
    List<TwoStores> runs = new ArrayList<>();
    List<XAResource> resources = new ArrayList<>();
    List<Integer> inDoubt = new ArrayList<>();
    for (int i = 1; i < arguments.length; i++) {
      TwoStores stores = TwoStores.open(Path.of(arguments[i]));
      runs.add(stores);
      for (Store store : List.of(stores.left(), stores.right())) {
        resources.add(new XaStore(store).resource());
      }
      inDoubt.add(stores.left().listPrepared().size() + stores.right().listPrepared().size());
    }
    Coordinator.recover(resources.toArray(XAResource[]::new));
    for (int i = 0; i < runs.size(); i++) {
      TwoStores stores = runs.get(i);
      int left = stores.left().listPrepared().size() + stores.right().listPrepared().size();
      System.out.println(
          "result "
              + inDoubt.get(i)
              + " "
              + left
              + " "
              + TwoStores.value(stores.left())
              + " "
              + TwoStores.value(stores.right()));
      stores.close();
    }
  }
}
