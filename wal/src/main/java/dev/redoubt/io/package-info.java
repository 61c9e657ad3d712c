/**
 * The one door to the disk and to the machine: files, directories, clock, threads, randomness. No
 * other package of the libraries opens a file or starts a thread.
 */
@NullMarked
package dev.redoubt.io;

import org.jspecify.annotations.NullMarked;
