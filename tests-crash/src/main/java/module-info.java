/** Simulated disk, crash sweeps, workloads and process harnesses: a library with its suites. */
@SuppressWarnings("requires-automatic") // Testcontainers has no descriptor
module dev.redoubt.crash {
  requires com.github.dockerjava.api;
  requires com.google.gson;
  requires dev.redoubt.buffer.rocksdb;
  requires dev.redoubt.demo;
  requires transitive java.instrument;
  requires java.management;
  requires jdk.attach;
  requires testcontainers;
  requires transitive dev.redoubt.kv;
  requires static com.google.errorprone.annotations;
  requires static transitive org.jspecify;

  exports dev.redoubt.crash.check;
  exports dev.redoubt.crash.command;
  exports dev.redoubt.crash.differential;
  exports dev.redoubt.crash.disk;
  exports dev.redoubt.crash.harness;
  exports dev.redoubt.crash.harness.container;
  exports dev.redoubt.crash.history;
  exports dev.redoubt.crash.oracle;
  exports dev.redoubt.crash.plant;
  exports dev.redoubt.crash.process;
  exports dev.redoubt.crash.sim;
  exports dev.redoubt.crash.store;
  exports dev.redoubt.crash.sweep;
  exports dev.redoubt.crash.work;
  exports dev.redoubt.crash.workload;

  opens dev.redoubt.crash.command to
      info.picocli;
}
