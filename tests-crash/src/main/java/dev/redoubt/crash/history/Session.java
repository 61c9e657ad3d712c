package dev.redoubt.crash.history;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One client of a history: asks for one thing at a time. After an outcome that nobody knows it goes
 * on as a new process. Confined to one thread at a time.
 */
public final class Session {
  private final Recorder recorder;
  private long process;
  private @Nullable String asked;

  Session(Recorder recorder) {
    this.recorder = recorder;
    this.process = recorder.newProcess();
  }

  /** Its number now. */
  public long process() {
    return process;
  }

  /** Records that {@code planned} is asked for; call it before anything is done. */
  public void invoke(String f, List<MicroOp> planned) {
    if (asked != null) {
      throw new IllegalStateException(
          "process " + process + " has asked for " + asked + " already");
    }
    asked = f;
    recorder.record(Operation.Type.INVOKE, process, f, planned, null);
  }

  /** Records that it was done, and what it found; call it after the answer has come. */
  public void ok(List<MicroOp> done) {
    recorder.record(Operation.Type.OK, process, took(), done, null);
  }

  /** Records that it was certainly not done. */
  public void fail(List<MicroOp> tried, String error) {
    recorder.record(Operation.Type.FAIL, process, took(), tried, error);
  }

  /** Records that nobody knows whether it was done. The next invocation is a new process's. */
  public void info(List<MicroOp> tried, String error) {
    recorder.record(Operation.Type.INFO, process, took(), tried, error);
    process = recorder.newProcess();
  }

  private String took() {
    String f = asked;
    if (f == null) {
      throw new IllegalStateException("process " + process + " has asked for nothing");
    }
    asked = null;
    return f;
  }
}
