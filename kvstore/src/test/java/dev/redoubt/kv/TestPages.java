package dev.redoubt.kv;

import dev.redoubt.buffer.PageStoreKind;

/** The page store that suites run on: the file, unless another module runs them on its own. */
public final class TestPages {
  /** Named by the property {@code redoubt.test.pages}, a class. */
  public static final PageStoreKind KIND = kind();

  /** The default options, on that kind. */
  public static final StoreOptions OPTIONS =
      StoreOptions.defaults().withEngine(StoreOptions.defaults().engine().withPages(KIND));

  private TestPages() {}

  private static PageStoreKind kind() {
    String name = System.getProperty("redoubt.test.pages");
    if (name == null) {
      return PageStoreKind.FILE;
    }
    try {
      return Class.forName(name).asSubclass(PageStoreKind.class).getConstructor().newInstance();
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("no page store " + name, e);
    }
  }
}
