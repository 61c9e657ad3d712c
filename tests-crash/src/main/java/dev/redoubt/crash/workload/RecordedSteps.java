package dev.redoubt.crash.workload;

import dev.redoubt.crash.history.MicroOp;
import dev.redoubt.crash.history.Value;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Steps of a transaction that are written down. A write is written down before it is tried, a read
 * when it has been answered.
 */
final class RecordedSteps implements Steps {
  private final List<MicroOp> done = new ArrayList<>();
  private @Nullable Steps tx;

  void attach(Steps to) {
    tx = to;
  }

  List<MicroOp> done() {
    return List.copyOf(done);
  }

  private Steps tx() {
    Steps attached = tx;
    if (attached == null) {
      throw new IllegalStateException("no transaction has begun");
    }
    return attached;
  }

  @Override
  public @Nullable Value read(String key) {
    Value found = tx().read(key);
    done.add(new MicroOp.Read(key, found));
    return found;
  }

  @Override
  public void write(String key, long value) {
    done.add(new MicroOp.Write(key, value));
    tx().write(key, value);
  }

  @Override
  public void append(String key, long element) {
    done.add(new MicroOp.Append(key, element));
    tx().append(key, element);
  }

  @Override
  public void add(String key, long delta) {
    done.add(new MicroOp.Add(key, delta));
    tx().add(key, delta);
  }

  @Override
  public List<MicroOp.Entry> scan(String from, String to, boolean descending) {
    List<MicroOp.Entry> found = tx().scan(from, to, descending);
    done.add(new MicroOp.Scan(from, to, descending, found));
    return found;
  }

  @Override
  public void savepoint(int number) {
    done.add(new MicroOp.Savepoint(number));
    tx().savepoint(number);
  }

  @Override
  public void rollbackTo(int number) {
    done.add(new MicroOp.RollbackTo(number));
    tx().rollbackTo(number);
  }
}
