/** The buffer pool. */
module dev.redoubt.buffer {
  requires jdk.jfr;
  requires com.github.benmanes.caffeine;
  requires transitive dev.redoubt.wal;
  requires static com.google.errorprone.annotations;
  requires static transitive org.jspecify;

  exports dev.redoubt.buffer;
}
