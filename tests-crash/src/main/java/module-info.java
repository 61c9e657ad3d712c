/** Simulated disk, crash sweeps, workloads and process harnesses: a library with its suites. */
module dev.redoubt.crash {
  requires dev.redoubt.buffer.rocksdb;
  requires java.management;
  requires transitive dev.redoubt.kv;
  requires static transitive org.jspecify;

  exports dev.redoubt.crash.disk;
  exports dev.redoubt.crash.process;
  exports dev.redoubt.crash.sweep;
  exports dev.redoubt.crash.work;
}
