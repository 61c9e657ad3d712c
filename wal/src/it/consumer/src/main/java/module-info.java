/** Somebody who wants the log and nothing else. */
module consumer {
  requires dev.redoubt.wal;
}
