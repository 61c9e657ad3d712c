/**
 * A store behind a socket: one line a request, interactive transactions ({@code docs/serving.md}).
 * Start reading at {@link dev.redoubt.demo.serve.Server}, then {@code Conversation}.
 */
@NullMarked
package dev.redoubt.demo.serve;

import org.jspecify.annotations.NullMarked;
