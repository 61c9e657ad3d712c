/** The key-value store. */
module dev.redoubt.kv {
  requires transitive dev.redoubt.buffer;
  requires transitive dev.redoubt.recovery;
  requires transitive dev.redoubt.wal;
  requires transitive java.transaction.xa;
  requires transitive java.management;
  requires jdk.jfr;
  requires static com.google.errorprone.annotations;
  requires static transitive org.jspecify;

  exports dev.redoubt.kv;
  exports dev.redoubt.kv.xa;
}
