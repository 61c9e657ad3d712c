package dev.redoubt.benchmarks;

import dev.redoubt.io.Environment;
import dev.redoubt.io.RealDisk;
import dev.redoubt.wal.Log;
import dev.redoubt.wal.LogOptions;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.Map;

/**
 * The log alone: an append and a force for each record of 150 bytes, beside the bare disk in the
 * same run, and appends that nobody waits for, with the heap bytes each allocates.
 *
 * <pre>
 *   java -jar benchmarks/target/benchmarks.jar log
 *   java -jar benchmarks/target/benchmarks.jar log --clients 1,8 --seconds 0.5 --rounds 1
 * </pre>
 *
 * <p>See {@link Arguments}. The log is truncated between the slices, so its segments are recycled.
 */
final class LogFigures {
  private static final int RECORD_BYTES = 150;
  private static final int APPENDS_TIMED_TOGETHER = 64;
  private static final String OURS = Peers.REDOUBT.label();

  private final Duration slice;
  private final Log log;

  private LogFigures(Duration slice, Log log) {
    this.slice = slice;
    this.log = log;
  }

  static void run(Arguments arguments) throws Exception {
    Tables tables = new Tables(System.out);
    try (WorkDirectory work = arguments.directory();
        RealDisk disk = RealDisk.create(work.fresh("log"));
        Log log = Log.create(disk, Environment.system(), LogOptions.defaults(), new byte[0]);
        BareDisk bare = new BareDisk(work.fresh("bare").resolve("blocks"))) {
      log.startAppending();
      new LogFigures(arguments.slice(), log).run(arguments, bare, tables);
    }
  }

  private void run(Arguments arguments, BareDisk bare, Tables tables) throws Exception {
    Map<String, Map<String, Sample>> forced = forced(arguments, bare);
    tables.rates("append + force/s", forced);
    tables.latencies("append + force", forced);
    Rounds rounds = new Rounds(arguments.rounds());
    for (int threads = 1; threads <= 2; threads++) {
      int clients = threads;
      rounds.add(threads == 1 ? "1 thread" : threads + " threads", OURS, () -> appends(clients));
    }
    Map<String, Map<String, Sample>> notWaiting = rounds.run();
    tables.rates("appends/s that do not wait", notWaiting);
    tables.costs("appends that do not wait", notWaiting);
  }

  private Map<String, Map<String, Sample>> forced(Arguments arguments, BareDisk bare)
      throws Exception {
    Rounds rounds = new Rounds(arguments.rounds());
    for (int clients : arguments.clients()) {
      String label = clients == 1 ? "1 thread" : clients + " threads";
      if (clients == 1) {
        rounds.add(
            label,
            BareDisk.LABEL,
            () -> Clients.platform(1, slice, () -> random -> bare.writeAndForce()));
      }
      rounds.add(label, OURS, () -> forced(clients, false));
    }
    int virtual = arguments.virtualClients();
    if (virtual > 0) {
      rounds.add(virtual + " virtual threads", OURS, () -> forced(virtual, true));
    }
    return rounds.run();
  }

  private Sample forced(int clients, boolean virtual) throws Exception {
    Clients.ClientFactory factory =
        () -> {
          MemorySegment record = record();
          return random -> log.force(log.append(record, 0, RECORD_BYTES));
        };
    Sample sample =
        virtual
            ? Clients.virtual(clients, slice, factory)
            : Clients.platform(clients, slice, factory);
    recycle();
    return sample;
  }

  private Sample appends(int clients) throws Exception {
    Sample sample =
        Clients.platform(
            clients,
            slice,
            () -> {
              MemorySegment record = record();
              return random -> {
                for (int i = 0; i < APPENDS_TIMED_TOGETHER; i++) {
                  log.append(record, 0, RECORD_BYTES);
                }
              };
            });
    recycle();
    return sample.times(APPENDS_TIMED_TOGETHER);
  }

  private void recycle() {
    long checkpoint = log.append(record(), 0, RECORD_BYTES);
    log.forceAll();
    log.writeMaster(checkpoint, checkpoint, false);
    log.truncate();
  }

  private static MemorySegment record() {
    return Arena.ofAuto().allocate(RECORD_BYTES).fill((byte) 0x5a);
  }
}
