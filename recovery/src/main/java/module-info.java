/** Transactions and recovery. */
module dev.redoubt.recovery {
  requires jdk.jfr;
  requires transitive dev.redoubt.buffer;
  requires transitive dev.redoubt.wal;
  requires static com.google.errorprone.annotations;
  requires static transitive org.jspecify;

  exports dev.redoubt.recovery;
  exports dev.redoubt.recovery.example;
}
