package dev.redoubt.kv;

import dev.redoubt.io.Disk;
import dev.redoubt.io.Environment;
import dev.redoubt.io.NotAStoreException;
import dev.redoubt.io.RealDisk;
import dev.redoubt.kv.btree.TreePages;
import dev.redoubt.recovery.Engine;
import dev.redoubt.recovery.EngineOptions;
import dev.redoubt.recovery.RecoveryListener;
import dev.redoubt.recovery.RecoveryReport;
import dev.redoubt.wal.LogHolder;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * An embedded, ordered, transactional key-value store. What {@code commit} acknowledged is there
 * after any crash; what it did not is wholly there or wholly gone.
 *
 * <p><b>Isolation.</b> Every transaction reads one snapshot: a read-only one as of its beginning, a
 * read-write one as of its first read, with its own writes. Readers wait for nobody and nobody
 * waits for them. A writer owns the keys it has written, or read through an operation that also
 * writes, until it ends; nobody else can write them meanwhile. By default transactions are {@link
 * Isolation#SERIALIZABLE}; {@link ReadPoint} says which commits a read-only one sees.
 *
 * <p>Thread-safe. One opening at a time, across processes.
 */
public final class Store implements AutoCloseable {
  /** Work of a read-write transaction that gives nothing back. */
  @FunctionalInterface
  public interface WriteBody<X extends Exception> {
    void run(WriteTx tx) throws X;
  }

  /** Work of a read-write transaction with a result. */
  @FunctionalInterface
  public interface WriteFunction<R extends @Nullable Object, X extends Exception> {
    R apply(WriteTx tx) throws X;
  }

  /** Work of a read-only transaction with a result. */
  @FunctionalInterface
  public interface ReadFunction<R extends @Nullable Object, X extends Exception> {
    R apply(ReadTx tx) throws X;
  }

  /** Work of a read-only transaction that gives nothing back. */
  @FunctionalInterface
  public interface ReadBody<X extends Exception> {
    /** Runs in the transaction. */
    void run(ReadTx tx) throws X;
  }

  private final Disk disk;
  private final Engine engine;
  private final StoreOptions options;
  private final StoreParts parts;
  private final Decisions decisions;
  private final AtomicBoolean closed = new AtomicBoolean();

  private Store(Disk disk, Engine engine, TreePages pages, StoreOptions options) {
    this.disk = disk;
    this.engine = engine;
    this.options = options;
    this.parts = StoreParts.make(engine, pages, options);
    this.decisions = new Decisions(this, parts.inDoubt());
    engine.restart().whenOver(() -> parts.housekeeper().afterRestart(parts.keys()));
    engine.continueRestart();
  }

  /** Opens the store of a directory with the default options; creates it if it is missing. */
  public static Store open(Path directory) {
    return open(directory, StoreOptions.defaults());
  }

  /**
   * Opens the store of a directory, recovering it if it was not closed in order.
   *
   * @throws NotAStoreException if there is none and the options do not say to create one
   * @throws dev.redoubt.io.StoreLockedException if it is open already, here or in another process
   * @throws dev.redoubt.io.UnsupportedFormatException if a newer version wrote it
   * @throws dev.redoubt.io.CorruptionException if the log is damaged below a point known durable
   */
  public static Store open(Path directory, StoreOptions options) {
    return open(directory, options, RecoveryListener.NONE);
  }

  /** The same, telling {@code listener} how restart goes. */
  public static Store open(Path directory, StoreOptions options, RecoveryListener listener) {
    Disk disk =
        ReadOnlyMode.engine(options).createIfMissing()
            ? RealDisk.create(directory)
            : RealDisk.open(directory);
    return open(disk, Environment.system(), options, listener);
  }

  /** The same on any disk and surroundings; the store owns the disk and closes it. */
  public static Store open(
      Disk disk, Environment environment, StoreOptions options, RecoveryListener listener) {
    TreePages pages = new TreePages();
    Engine engine = null;
    Disk layered = ReadOnlyMode.layered(disk, options);
    try {
      EngineOptions settings = ReadOnlyMode.engine(options);
      engine = Engine.open(layered, environment, settings, List.of(pages), listener);
      return new Store(layered, engine, pages, options);
    } catch (RuntimeException | Error e) {
      if (engine != null) {
        engine.abandon();
      }
      layered.close();
      throw e;
    }
  }

  /**
   * Runs {@code body} in a transaction: commits when it returns, rolls back when it throws, and
   * runs it again on a conflict, as often as the options say, each time after the transaction that
   * won has ended.
   *
   * @throws ConflictException if the last attempt met a conflict too, or another attempt would not
   *     help: the key belongs to a transaction around this one, in the same thread, or to one that
   *     restart could not finish, or the winner does not end within the longest wait
   */
  public <X extends Exception> void write(WriteBody<X> body) throws X {
    write(options.transaction(), body);
  }

  /** The same for work with a result. */
  public <R extends @Nullable Object, X extends Exception> R writeAndGet(WriteFunction<R, X> body)
      throws X {
    return writeAndGet(options.transaction(), body);
  }

  /** The same in a transaction with other options than the store's. */
  public <X extends Exception> void write(TransactionOptions how, WriteBody<X> body) throws X {
    this.<Boolean, X>writeAndGet(how, WriteAttempts.of(body));
  }

  /** The same for work with a result. */
  public <R extends @Nullable Object, X extends Exception> R writeAndGet(
      TransactionOptions how, WriteFunction<R, X> body) throws X {
    return new WriteAttempts(parts.waits(), options.maxAttempts())
        .run(birth -> begin(how, birth, true), body);
  }

  /** Runs {@code body} in a read-only transaction. */
  public <R extends @Nullable Object, X extends Exception> R read(ReadFunction<R, X> body)
      throws X {
    Objects.requireNonNull(body, "body");
    try (ReadTx tx = beginRead()) {
      return body.apply(tx);
    }
  }

  /** The same for work that gives nothing back. */
  public <X extends Exception> void view(ReadBody<X> body) throws X {
    try (ReadTx tx = beginRead()) {
      body.run(tx);
    }
  }

  /** Begins a read-write transaction; the caller commits it or closes it. */
  public WriteTx beginWrite() {
    return beginWrite(options.transaction());
  }

  /** The same with other options than the store's. */
  public WriteTx beginWrite(TransactionOptions how) {
    return begin(how, 0, false);
  }

  private WriteTransaction begin(TransactionOptions how, long birth, boolean ofClosure) {
    checkOpen();
    ReadOnlyMode.refuse(options, "a read-write transaction");
    Objects.requireNonNull(how, "how");
    WriteTransaction tx = new WriteTransaction(this, engine.begin(), how, birth, ofClosure);
    parts.active().enter(tx);
    if (closed.get()) {
      tx.giveUp(false); // the store closed meanwhile and may not have seen this transaction
      checkOpen();
    }
    return tx;
  }

  /** The transactions that await a decision, those from before a restart too; any thread. */
  public List<PreparedTransaction> listPrepared() {
    checkOpen();
    return decisions.list();
  }

  /**
   * Commits a prepared transaction. At return that is durable and visible to every transaction that
   * begins. It may be repeated.
   *
   * @throws DecisionException if no such transaction is known, or it has been rolled back
   */
  public CommitInfo commitPrepared(long id) {
    return decisions.commit(id);
  }

  /**
   * Rolls a prepared transaction back. At return that is durable. It may be repeated.
   *
   * @throws DecisionException if no such transaction is known, or it has been committed
   * @throws dev.redoubt.io.CorruptionException if a damaged page stops it: it keeps its keys, can
   *     no longer be committed, and this may be called again
   */
  public void rollbackPrepared(long id) {
    decisions.rollback(id);
  }

  /** Begins a read-only transaction at {@link ReadPoint#ACKNOWLEDGED}; the caller closes it. */
  public ReadTx beginRead() {
    return beginRead(ReadPoint.ACKNOWLEDGED);
  }

  /** Begins a read-only transaction; the caller closes it. */
  public ReadTx beginRead(ReadPoint point) {
    checkOpen();
    return new ReadTransaction(this, point);
  }

  /**
   * A tree as a map, made when something is put into it. It holds no transaction: every operation
   * is one of its own, writes commit with the store's options, and compound operations
   * (putIfAbsent, compute, putAll, pollFirstEntry, ...) are atomic. Iterators read in batches, each
   * from a snapshot of its own, and need not be finished; {@code size} counts the entries of a
   * snapshot. Functions given to it may run more than once. Nulls are refused. Usable while the
   * store is open.
   *
   * <p>Within a closure of {@link #write} use the transaction's tree instead: the map knows nothing
   * of the transaction, and if that has written the same key the map's write fails at once with a
   * {@link ConflictException}.
   *
   * <p>Its order is the key codec's {@link Codec#comparator()}.
   */
  public <K, V> ConcurrentNavigableMap<K, V> map(TreeDef<K, V> definition) {
    checkOpen();
    return new StoreMap<>(this, Objects.requireNonNull(definition, "definition"));
  }

  /**
   * Reads one key, in a transaction of its own at {@link ReadPoint#ACKNOWLEDGED}: the cheapest way
   * to a single value, since no snapshot has to be taken for a key that nobody has changed lately.
   *
   * @return null if the key has no value, or there is no such tree
   * @throws TreeMismatchException if the tree was made with other codecs
   */
  public <K, V> @Nullable V get(TreeDef<K, V> definition, K key) {
    checkOpen();
    Objects.requireNonNull(definition, "definition");
    return PointRead.get(this, definition, Objects.requireNonNull(key, "key"));
  }

  /** Names of the trees, sorted. */
  public List<String> listTrees() {
    checkOpen();
    return parts.catalog().names();
  }

  /** Takes a checkpoint while everyone goes on; durable at return. Returns its begin LSN. */
  public long checkpoint() {
    checkOpen();
    ReadOnlyMode.refuse(options, "a checkpoint");
    return engine.checkpoint();
  }

  /**
   * Takes a checkpoint and holds the log from it on until closed, so that the store's files can be
   * copied while it runs: {@code docs/copying.md}. The hold ends with this opening of the store at
   * the latest; a copy that is to go on over a restart of the program puts a slot of the log in its
   * place, as that page says.
   *
   * @param name shown among the holders of the log
   */
  public LogHolder holdCheckpoint(String name) {
    checkOpen();
    ReadOnlyMode.refuse(options, "a checkpoint");
    return engine.holdCheckpoint(Objects.requireNonNull(name, "name"));
  }

  /** Whether it can be used. Any thread, any time. */
  public StoreHealth health() {
    return StoreHealth.of(closed.get(), engine.log().gate());
  }

  /** Figures of this moment. */
  public StoreStats stats() {
    checkOpen();
    return StoreStats.of(
        engine, parts.active().all().size(), parts, options.engine().pages().name());
  }

  /** Size and shape of a tree; reads a sample of it. Null if there is no such tree. */
  public @Nullable TreeStats treeStats(String name) {
    checkOpen();
    return TreeStats.of(parts.catalog().entry(Objects.requireNonNull(name, "name")));
  }

  /**
   * Reads every page in use, every tree and the log. Call it while nobody writes: pages on their
   * way into or out of use would be reported. {@code progress} is told how many pages have been
   * read.
   */
  public VerifyReport verify(LongConsumer progress) {
    Objects.requireNonNull(progress, "progress");
    checkOpen();
    engine.restart().await();
    return parts
        .housekeeper()
        .atRest(
            () ->
                new StoreVerifier(
                        engine, parts.catalog(), parts.overflow(), parts.pendingFree(), progress)
                    .run());
  }

  /** What restart did when this store was opened. */
  public RecoveryReport lastRecovery() {
    return engine.lastRecovery();
  }

  /** The engine below, for inspection. */
  public Engine engine() {
    return engine;
  }

  /** Drops everything as a crash of the process would: nothing is written. For crash tests. */
  public void abandon() {
    if (closed.compareAndSet(false, true)) {
      parts.housekeeper().close();
      engine.abandon();
      disk.close();
      parts.asyncCommits().close();
    }
  }

  /**
   * Rolls back what is active, writes every page, takes a checkpoint and marks the store as closed
   * in order. A store that has halted is only let go; the next opening recovers it.
   */
  @Override
  public void close() {
    if (options.readOnly()) {
      abandon(); // there is nothing to be kept
    }
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    AsyncCommits told = parts.asyncCommits(); // closed last: the log completes what it has forced
    try (told;
        disk;
        engine) {
      parts.waits().close();
      parts.active().all().stream()
          .sorted(Comparator.comparingLong(WriteTransaction::id))
          .forEach(WriteTransaction::closeWithStore);
      decisions.close();
      parts.housekeeper().close();
    }
  }

  // What transactions and views need.

  void checkOpen() {
    if (closed.get()) {
      throw new ClosedException("the store has been closed; open it again");
    }
  }

  void ended(WriteTransaction tx) {
    parts.active().leave(tx);
  }

  StoreOptions options() {
    return options;
  }

  /** What it is made of. */
  StoreParts parts() {
    return parts;
  }
}
