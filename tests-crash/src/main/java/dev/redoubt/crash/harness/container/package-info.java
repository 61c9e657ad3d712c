/**
 * A server in a container, through Testcontainers, with an image made without any registry: {@link
 * dev.redoubt.crash.harness.container.ContainerTarget}.
 */
@NullMarked
package dev.redoubt.crash.harness.container;

import org.jspecify.annotations.NullMarked;
