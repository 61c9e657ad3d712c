package dev.redoubt.crash.sim;

import dev.redoubt.crash.disk.SimDisk;
import dev.redoubt.io.DiskFile;
import dev.redoubt.io.ForwardingDisk;
import dev.redoubt.io.ForwardingFile;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A simulated disk whose calls take virtual time: others run before a call takes effect, and again
 * before it returns. Every call is a line of the trace.
 */
final class SlowDisk extends ForwardingDisk {
  private static final long MAX_READ_NANOS = 200_000;
  private static final long MAX_FORCE_NANOS = 5_000_000;

  private final Simulation simulation;
  private final SplittableRandom delays;

  SlowDisk(SimDisk disk, Simulation simulation, SplittableRandom delays) {
    super(disk);
    this.simulation = simulation;
    this.delays = delays;
  }

  private void pause(String call, long maxNanos) {
    simulation.note(call);
    simulation.pause(delays, maxNanos);
  }

  private void paused(String call, Runnable effect) {
    pause(call, MAX_FORCE_NANOS);
    effect.run();
    pause("done", MAX_FORCE_NANOS);
  }

  @Override
  public DiskFile open(String name, Access access, Caching caching) {
    pause("open " + name, MAX_READ_NANOS);
    return super.open(name, access, caching);
  }

  @Override
  protected DiskFile opened(DiskFile file) {
    return new SlowFile(file);
  }

  @Override
  public List<String> list() {
    return super.list().stream().sorted().toList();
  }

  @Override
  public void rename(String from, String to) {
    paused("rename " + from + " " + to, () -> super.rename(from, to));
  }

  @Override
  public void delete(String name) {
    paused("delete " + name, () -> super.delete(name));
  }

  @Override
  public void forceDirectory() {
    paused("force directory", super::forceDirectory);
  }

  private final class SlowFile extends ForwardingFile {
    SlowFile(DiskFile file) {
      super(file);
    }

    @Override
    public int read(ByteBuffer dst, long position) {
      pause("read " + name() + " " + position + " +" + dst.remaining(), MAX_READ_NANOS);
      int count = super.read(dst, position);
      simulation.pause(delays, MAX_READ_NANOS);
      return count;
    }

    @Override
    public void write(ByteBuffer src, long position) {
      pause("write " + name() + " " + position + " +" + src.remaining(), MAX_READ_NANOS);
      super.write(src, position);
      pause("written " + name(), MAX_READ_NANOS);
    }

    @Override
    public void force() {
      paused("force " + name(), super::force);
    }
  }
}
