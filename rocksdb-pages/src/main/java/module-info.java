/** Pages kept in RocksDB. */
@SuppressWarnings("requires-automatic") // rocksdbjni has no descriptor
module dev.redoubt.buffer.rocksdb {
  requires transitive dev.redoubt.buffer;
  requires rocksdbjni;
  requires static com.google.errorprone.annotations;
  requires static org.jspecify;

  exports dev.redoubt.buffer.rocksdb;
}
