package dev.redoubt.kv;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every public method of what can be closed or used by the wrong thread, called when it must not
 * be: found by reflection, so that a new method is tried too.
 */
final class MisuseTest {
  private static final TreeDef<String, Long> TREE = TreeDef.of("t", Codecs.UTF_8, Codecs.INT64);

  /** They say what something is or end it, which may be done at any time. */
  private static final Set<String> ALWAYS_ALLOWED =
      Set.of("close", "abandon", "definition", "id", "engine", "lastRecovery", "options", "health");

  private final Store store;

  /** Of the write transaction that is tried. */
  private Savepoint savepoint = new Savepoint(0, 0);

  MisuseTest(@TempDir Path dir) {
    store = Store.open(dir, IsolationFixture.INLINE.withDurability(Durability.ASYNC));
  }

  @BeforeEach
  void fill() {
    store.write(
        tx -> {
          tx.tree(TREE).put("a", 1L);
          tx.tree(TREE).put("k", 1L);
        });
  }

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void aClosedReadTransactionIsNamed() {
    ReadTx tx = store.beginRead();
    ReadTree<String, Long> tree = tx.tree(TREE);
    ReadTree<String, Long> missing = tx.tree(TreeDef.of("no", Codecs.UTF_8, Codecs.INT64));
    Cursor<String, Long> cursor = tree.cursor();
    tx.close();
    everyMethodThrows(ClosedException.class, ReadTx.class, tx);
    everyMethodThrows(ClosedException.class, ReadTree.class, tree);
    everyMethodThrows(ClosedException.class, ReadTree.class, missing);
    everyMethodThrows(ClosedException.class, Cursor.class, cursor);
    tx.close();
    assertEquals(0, store.stats().versions().snapshots());
  }

  @Test
  void anEndedWriteTransactionIsNamed() {
    for (String end : List.of("commit", "rollback", "close")) {
      WriteTx tx = store.beginWrite();
      savepoint = tx.savepoint();
      Tree<String, Long> tree = tx.tree(TREE);
      Cursor<String, Long> cursor = tree.cursor();
      cursor.first();
      tree.put("k", 2L);
      switch (end) {
        case "commit" -> tx.commit();
        case "rollback" -> tx.rollback();
        default -> tx.close();
      }
      everyMethodThrows(ClosedException.class, WriteTx.class, tx);
      everyMethodThrows(ClosedException.class, Tree.class, tree);
      everyMethodThrows(ClosedException.class, Cursor.class, cursor);
      tx.close();
    }
  }

  @Test
  void aClosedStoreIsNamed() {
    ReadTx reader = store.beginRead();
    ReadTree<String, Long> seen = reader.tree(TREE);
    Cursor<String, Long> cursor = seen.cursor();
    cursor.first();
    WriteTx writer = store.beginWrite();
    savepoint = writer.savepoint();
    Tree<String, Long> written = writer.tree(TREE);
    written.put("k", 2L);
    Map<String, Long> map = store.map(TREE);
    store.close();
    everyMethodThrows(ClosedException.class, Store.class, store);
    everyMethodThrows(ClosedException.class, ReadTx.class, reader);
    everyMethodThrows(ClosedException.class, ReadTree.class, seen);
    everyMethodThrows(ClosedException.class, Cursor.class, cursor);
    everyMethodThrows(ClosedException.class, WriteTx.class, writer);
    everyMethodThrows(ClosedException.class, Tree.class, written);
    assertThrows(ClosedException.class, () -> map.get("k"));
    assertThrows(ClosedException.class, () -> map.put("k", 1L));
    assertThrows(ClosedException.class, () -> map.entrySet().iterator().hasNext());
    reader.close();
    writer.close();
    cursor.close();
    store.close();
  }

  @Test
  void aSecondThreadInAWriteTransactionIsRefused() throws Exception {
    try (WriteTx tx = store.beginWrite();
        ExecutorService other = Executors.newSingleThreadExecutor()) {
      savepoint = tx.savepoint();
      Tree<String, Long> tree = tx.tree(TREE);
      Cursor<String, Long> cursor = tree.cursor();
      tree.get("k");
      Stalling.now(
          tx,
          () ->
              other
                  .submit(
                      () -> {
                        Class<? extends Exception> refused = IllegalStateException.class;
                        everyMethodThrows(refused, WriteTx.class, tx);
                        everyMethodThrows(refused, Tree.class, tree);
                        everyMethodThrows(refused, Cursor.class, cursor);
                        assertThrows(refused, tx::close);
                      })
                  .get());
      assertEquals(1L, tree.get("k"), "its user goes on");
      tx.commit();
    }
  }

  @Test
  void aSecondThreadInACursorIsRefused() throws Exception {
    Stalling codec = new Stalling();
    TreeDef<String, Long> stalling = TreeDef.of("t", codec, Codecs.INT64);
    try (ReadTx tx = store.beginRead();
        ExecutorService other = Executors.newSingleThreadExecutor()) {
      Cursor<String, Long> cursor = tx.tree(stalling).cursor();
      cursor.first();
      codec.within =
          () ->
              other
                  .submit(
                      () -> everyMethodThrows(IllegalStateException.class, Cursor.class, cursor))
                  .get();
      assertEquals("a", cursor.key());
      codec.within = null;
      assertEquals("a", cursor.key(), "its user goes on");
    }
  }

  /** A snapshot that is registered and never taken would keep every version from then on. */
  @Test
  void nullsAreNamedAndLeaveNothingBehind() {
    everyParameterRefusesNull(Store.class, store);
    try (ReadTx tx = store.beginRead();
        WriteTx writer = store.beginWrite()) {
      everyParameterRefusesNull(ReadTx.class, tx);
      everyParameterRefusesNull(ReadTree.class, tx.tree(TREE));
      everyParameterRefusesNull(Cursor.class, tx.tree(TREE).cursor());
      everyParameterRefusesNull(WriteTx.class, writer);
      everyParameterRefusesNull(Tree.class, writer.tree(TREE));
      writer.tree(TREE).put("k", 2L);
      writer.commit();
    }
    assertThrows(NullPointerException.class, () -> StoreManagement.register(absent(), "name"));
    assertEquals(2L, store.get(TREE, "k"));
    assertEquals(0, store.stats().versions().snapshots());
    assertEquals(0, store.stats().activeTransactions());
  }

  @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"})
  private static <T> T absent() {
    return null;
  }

  private void everyParameterRefusesNull(Class<?> type, Object target) {
    for (Method each : type.getMethods()) {
      Class<?>[] parameters = each.getParameterTypes();
      boolean own = each.getDeclaringClass() != Object.class;
      for (int i = 0; i < parameters.length && own; i++) {
        if (!parameters[i].isPrimitive() && !Modifier.isStatic(each.getModifiers())) {
          Object[] arguments = arguments(each);
          arguments[i] = absent();
          Throwable thrown = call(each, target, arguments);
          if (!(thrown instanceof NullPointerException)) {
            fail(each + " should have refused null as its parameter " + i, thrown);
          }
        }
      }
    }
  }

  /** What would commit in the middle of a closure would have succeeded and be told as failed. */
  @Test
  void aClosureDoesNotEndItsTransactionByHand() {
    List<Store.WriteBody<RuntimeException>> ends =
        List.of(
            WriteTx::commit,
            tx -> tx.commit(Durability.ASYNC),
            WriteTx::commitAsync,
            tx -> tx.prepare(new byte[] {1}),
            WriteTx::rollback,
            WriteTx::close);
    for (Store.WriteBody<RuntimeException> end : ends) {
      store.write(
          tx -> {
            tx.tree(TREE).merge("k", 1L, Long::sum);
            IllegalStateException e = assertThrows(IllegalStateException.class, () -> end.run(tx));
            assertTrue(String.valueOf(e.getMessage()).contains("throw to roll back"), e::toString);
          });
    }
    assertEquals(1L + ends.size(), store.get(TREE, "k"));
    WriteTx over = store.writeAndGet(tx -> tx);
    over.close();
    assertThrows(ClosedException.class, () -> over.tree(TREE));
  }

  /**
   * <em>Else the key is never found again by those who clear up, and each later commit fails.</em>
   */
  @Test
  void aCodecThatGivesNoBytesIsRefusedBeforeAnythingIsOwned() {
    Codec<String> none =
        new SimpleCodec<>(
            Codecs.UTF_8.name(),
            Codec.VARIABLE,
            value -> value.isEmpty() ? absent() : Codecs.UTF_8.encode(value),
            Codecs.UTF_8::decode,
            Codecs.UTF_8.comparator());
    TreeDef<String, String> tree = TreeDef.of("none", none, none);
    store.write(
        tx -> {
          tx.tree(tree).put("a", "b");
          for (Executable each :
              List.<Executable>of(
                  () -> tx.tree(tree).put("", "b"),
                  () -> tx.tree(tree).put("a", ""),
                  () -> tx.tree(tree).getForUpdate(""),
                  () -> tx.tree(tree).putIfAbsent("", "b"),
                  () -> tx.tree(tree).remove(""),
                  () -> tx.tree(tree).get(""),
                  () -> tx.tree(tree).count(KeyRange.atLeast("")),
                  () -> tx.tree(tree).ceiling(""),
                  () -> store.get(tree, ""),
                  () -> store.map(tree).get(""))) {
            NullPointerException e = assertThrows(NullPointerException.class, each);
            assertTrue(String.valueOf(e.getMessage()).contains("encode"), e::toString);
          }
        });
    store.write(tx -> tx.tree(tree).put("c", "d"));
    assertEquals(2, store.<Long, RuntimeException>read(tx -> tx.tree(tree).count()));
  }

  private interface Step {
    void run() throws Exception;
  }

  /** The codec of strings, in which something else happens. */
  private static final class Stalling implements Codec<String> {
    private volatile @Nullable Step within;

    /** Runs a step while this thread is inside an operation of the transaction. */
    static void now(WriteTx tx, Step step) {
      Stalling codec = new Stalling();
      Tree<String, Long> tree = tx.tree(TreeDef.of("t", codec, Codecs.INT64));
      codec.within = step;
      tree.first();
    }

    @Override
    public String name() {
      return Codecs.UTF_8.name();
    }

    @Override
    public byte[] encode(String value) {
      return Codecs.UTF_8.encode(value);
    }

    @Override
    public String decode(byte[] bytes) {
      Step step = within;
      if (step != null) {
        try {
          step.run();
        } catch (Exception e) {
          throw new AssertionError(e);
        }
      }
      return Codecs.UTF_8.decode(bytes);
    }

    @Override
    public Comparator<String> comparator() {
      return Codecs.UTF_8.comparator();
    }
  }

  /** Thousands of times: what is used is closed by another thread at any moment. */
  @Test
  void whatIsClosedWhileItIsUsedIsNamedAndHarmsNothing() throws Exception {
    try (ExecutorService threads = Executors.newFixedThreadPool(3)) {
      for (int round = 0; round < 2000; round++) {
        ReadTx reader = store.beginRead();
        WriteTx writer = store.beginWrite();
        Tree<String, Long> tree = writer.tree(TREE);
        CountDownLatch start = new CountDownLatch(1);
        int pause = round % 50;
        List<Future<?>> all =
            List.of(
                threads.submit(() -> use(start, () -> readOn(reader.tree(TREE)))),
                threads.submit(() -> use(start, () -> writeOn(tree))),
                threads.submit(
                    () -> {
                      start.countDown();
                      for (int i = 0; i < pause * 20; i++) {
                        Thread.onSpinWait();
                      }
                      reader.close();
                      endWhenFree(writer);
                    }));
        for (Future<?> each : all) {
          each.get();
        }
      }
    }
    assertEquals(0, store.stats().versions().snapshots());
    assertEquals(0, store.stats().activeTransactions());
    assertEquals(List.of(), store.verify(pages -> {}).problems());
  }

  /** The same with the store itself. */
  @Test
  void aStoreThatIsClosedWhileItIsUsedIsNamedAndReopens(@TempDir Path dir) throws Exception {
    StoreOptions options = StoreOptions.defaults().withDurability(Durability.ASYNC);
    for (int round = 0; round < 25; round++) {
      Store closing = Store.open(dir, options);
      closing.write(tx -> tx.tree(TREE).put("k", 1L));
      ReadTx reader = closing.beginRead();
      WriteTx writer = closing.beginWrite();
      Tree<String, Long> tree = writer.tree(TREE);
      Map<String, Long> map = closing.map(TREE);
      CountDownLatch start = new CountDownLatch(4);
      try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
        List<Future<?>> all = new ArrayList<>();
        all.add(threads.submit(() -> use(start, () -> readOn(reader.tree(TREE)))));
        all.add(threads.submit(() -> use(start, () -> writeOn(tree))));
        all.add(threads.submit(() -> use(start, () -> map.merge("m", 1L, Long::sum))));
        all.add(threads.submit(() -> use(start, () -> map.forEach((key, value) -> {}))));
        start.await();
        closing.close();
        for (Future<?> each : all) {
          each.get();
        }
      }
    }
    try (Store reopened = Store.open(dir, options)) {
      assertEquals(List.of(), reopened.verify(pages -> {}).problems());
    }
  }

  @SuppressWarnings("ThreadPriorityCheck") // lets the one that closes come in sooner, no more
  private static void use(CountDownLatch start, Runnable operation) {
    start.countDown();
    while (true) {
      try {
        operation.run();
        Thread.yield(); // outside, so that it can be closed
      } catch (ClosedException over) {
        return;
      } catch (IllegalStateException e) {
        // whoever closes it is inside at this moment
        assertEquals(true, String.valueOf(e.getMessage()).contains("another thread"), e::toString);
      }
    }
  }

  private static void readOn(ReadTree<String, Long> tree) {
    Cursor<String, Long> cursor = tree.cursor();
    while (cursor.next()) {
      cursor.value();
    }
    tree.get("k");
    tree.range(KeyRange.all()).forEach(each -> {});
    tree.scanBytes(KeyRange.all(), (key, value) -> true);
  }

  private static void writeOn(Tree<String, Long> tree) {
    tree.put("w", 1L);
    tree.floor("w");
    tree.remove("w");
  }

  @SuppressWarnings("ThreadPriorityCheck") // likewise
  private static void endWhenFree(WriteTx writer) {
    while (true) {
      try {
        writer.close();
        return;
      } catch (IllegalStateException inUse) {
        Thread.yield();
      }
    }
  }

  // Calling everything.

  private void everyMethodThrows(
      Class<? extends Exception> expected, Class<?> type, Object target) {
    int tried = 0;
    for (Method each : type.getMethods()) {
      if (Modifier.isStatic(each.getModifiers())
          || each.getDeclaringClass() == Object.class
          || ALWAYS_ALLOWED.contains(each.getName())) {
        continue;
      }
      tried++;
      Throwable thrown = call(each, target, arguments(each));
      if (!expected.isInstance(thrown)) {
        fail(each + " should have thrown " + expected.getSimpleName(), thrown);
      }
    }
    assertEquals(true, tried > 0, "methods tried");
  }

  private Object[] arguments(Method method) {
    Type[] types = method.getGenericParameterTypes();
    Object[] arguments = new Object[types.length];
    for (int i = 0; i < types.length; i++) {
      arguments[i] = argument(method, method.getParameterTypes()[i], types[i]);
    }
    return arguments;
  }

  private @Nullable Throwable call(Method method, Object target, Object[] arguments) {
    try {
      method.setAccessible(true);
      Object result = method.invoke(target, arguments);
      switch (result) {
        case Iterable<?> lazy -> {
          var _ = lazy.iterator();
        }
        case Stream<?> lazy -> lazy.forEach(each -> {});
        case null, default -> {}
      }
      return null;
    } catch (InvocationTargetException e) {
      return e.getCause();
    } catch (IllegalAccessException e) {
      throw new AssertionError(e);
    } catch (RuntimeException e) {
      return e;
    }
  }

  private Object argument(Method method, Class<?> type, Type generic) {
    if (generic instanceof TypeVariable<?> variable) {
      return variable.getName().equals("K") ? "k" : (Object) 1L;
    }
    Map<Class<?>, Object> known =
        Map.ofEntries(
            Map.entry(boolean.class, true),
            Map.entry(int.class, 1),
            Map.entry(long.class, 1L),
            Map.entry(double.class, 1.0),
            Map.entry(byte[].class, new byte[] {1}),
            Map.entry(String.class, "t"),
            Map.entry(InputStream.class, new ByteArrayInputStream(new byte[8])),
            Map.entry(TreeDef.class, TREE),
            Map.entry(KeyRange.class, KeyRange.all()),
            Map.entry(Durability.class, Durability.ASYNC),
            Map.entry(Isolation.class, Isolation.SNAPSHOT),
            Map.entry(ReadPoint.class, ReadPoint.DURABLE),
            Map.entry(TransactionOptions.class, IsolationFixture.INLINE.transaction()),
            Map.entry(Savepoint.class, savepoint));
    Object argument = known.get(type);
    if (argument == null && type.isInterface()) {
      return Proxy.newProxyInstance(
          MisuseTest.class.getClassLoader(), new Class<?>[] {type}, MisuseTest::doNothing);
    }
    if (argument == null) {
      throw new AssertionError("say here what to call " + method + " with: " + type);
    }
    return argument;
  }

  /** What a function of the caller's does, which is not called. */
  private static @Nullable Object doNothing(Object proxy, Method method, Object[] arguments) {
    return method.getReturnType() == boolean.class ? (Object) false : null;
  }
}
