package dev.redoubt.crash.xa;

import com.arjuna.ats.internal.jta.transaction.arjunacore.TransactionManagerImple;
import dev.redoubt.kv.xa.StoreXaResource;
import dev.redoubt.kv.xa.XaStore;
import jakarta.transaction.TransactionManager;
import java.nio.file.Path;

/**
 * The program of a child JVM: one transaction over two stores, committed in two phases, halted at a
 * step of it. Prints each step.
 */
final class HaltedCommit {
  private HaltedCommit() {}

  /** Arguments: folder of the coordinator, folder of the stores, step to halt at (0 for none). */
  public static void main(String[] arguments) throws Exception {
    Coordinator.setUp(Path.of(arguments[0]));
    HaltingResource.Steps steps = new HaltingResource.Steps(Integer.parseInt(arguments[2]));
    try (TwoStores stores = TwoStores.open(Path.of(arguments[1]))) {
      TransactionManager manager = new TransactionManagerImple();
      StoreXaResource left = new XaStore(stores.left()).resource();
      StoreXaResource right = new XaStore(stores.right()).resource();
      manager.begin();
      manager.getTransaction().enlistResource(new HaltingResource(left, "left", steps));
      manager.getTransaction().enlistResource(new HaltingResource(right, "right", steps));
      left.transaction().tree(TwoStores.TREE).put(TwoStores.KEY, "new");
      right.transaction().tree(TwoStores.TREE).put(TwoStores.KEY, "new");
      manager.commit();
      System.out.println("committed");
    }
  }
}
