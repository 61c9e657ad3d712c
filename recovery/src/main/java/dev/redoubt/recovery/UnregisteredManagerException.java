package dev.redoubt.recovery;

import dev.redoubt.io.StorageException;
import java.util.List;

/**
 * The store holds data of a resource manager that was not given to {@link Engine#open}. Nothing was
 * written (rule 21). Open it with the program that made it.
 */
public final class UnregisteredManagerException extends StorageException {
  private static final long serialVersionUID = 1L;

  UnregisteredManagerException(List<Integer> ids) {
    super(
        "the store holds data of resource managers "
            + ids
            + " that are not registered; nothing was written, open it with the program that made"
            + " it or register them");
  }

  @Override
  public String code() {
    return "unregistered-manager";
  }
}
