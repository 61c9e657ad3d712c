package dev.redoubt.crash.store;

import dev.redoubt.io.StorageException;
import dev.redoubt.kv.Store;
import java.nio.file.Path;

/** Opens a store and holds it, or says why it cannot. */
final class SecondOpener {
  private SecondOpener() {}

  /** Argument: the folder. Prints one line, and ends when its standard input does. */
  public static void main(String[] arguments) throws Exception {
    try {
      Store store = Store.open(Path.of(arguments[0]));
      System.out.println("open " + store.listTrees().size());
    } catch (StorageException e) {
      System.out.println(e.getClass().getSimpleName() + ": " + e.getMessage());
    }
    System.out.flush();
    System.in.readAllBytes();
  }
}
