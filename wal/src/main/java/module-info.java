/** The disk and the log. */
module dev.redoubt.wal {
  requires java.base;
  requires jdk.jfr;
  requires jdk.unsupported;
  requires static com.google.errorprone.annotations;
  requires static org.jspecify;

  exports dev.redoubt.io;
  exports dev.redoubt.wal;
  exports dev.redoubt.wal.example;
}
