package dev.redoubt.kv.btree;

import dev.redoubt.buffer.PageGuard;
import dev.redoubt.recovery.AtomicChange;
import org.jspecify.annotations.Nullable;

/** What one change is built in. Lent by {@link TreePages}; confined to one thread at a time. */
final class Scratch {
  private final TreePages pages;
  private final AtomicChange change = new AtomicChange();
  private final BodyWriter body = new BodyWriter();
  private final ScanPath finger = new ScanPath();
  private @Nullable Descent fingerOf;

  Scratch(TreePages pages) {
    this.pages = pages;
  }

  /** An empty body to be filled, then added by {@link #on} or {@link #format}. */
  BodyWriter body() {
    return body.reset();
  }

  AtomicChange change() {
    return change;
  }

  /** Where the last insert went that used this scratch, if it was into that tree. */
  ScanPath finger(Descent tree) {
    if (fingerOf != tree) {
      finger.forget();
      fingerOf = tree;
    }
    return finger;
  }

  AtomicChange reset() {
    return change.reset();
  }

  /** Begins a change of the page whose body is written to what is returned. */
  AtomicChange begin(PageGuard guard) {
    return change.on(guard, pages);
  }

  /** Begins an image of the page whose body is written to what is returned. */
  AtomicChange beginFormat(PageGuard guard) {
    return change.format(guard, pages);
  }

  /** Adds the body as a change of the page. */
  void on(PageGuard guard) {
    change.on(guard, pages).putBytes(body.segment(), 0, body.sizeBytes());
  }

  /** Adds the body as an image of the page. */
  void format(PageGuard guard) {
    change.format(guard, pages).putBytes(body.segment(), 0, body.sizeBytes());
  }
}
