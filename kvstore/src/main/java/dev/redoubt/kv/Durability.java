package dev.redoubt.kv;

/** When {@code commit} returns. */
public enum Durability {
  /** After the commit record is durable: it survives any crash. The default. */
  SYNC,
  /** At once; durable within the log's asynchronous interval. A crash before loses it whole. */
  ASYNC
}
