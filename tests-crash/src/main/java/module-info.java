/** Crash tests. */
module dev.redoubt.crash {
  requires dev.redoubt.demo;
  requires transitive dev.redoubt.kv;
  requires static com.google.errorprone.annotations;
  requires static transitive org.jspecify;
}
