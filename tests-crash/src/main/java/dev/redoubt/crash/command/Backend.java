package dev.redoubt.crash.command;

/** Where crashes happen. */
enum Backend {
  /** On a simulated disk, in this process: every crash state there is. */
  SIM,
  /** To a server in a process of this machine. */
  PROCESS,
  /** To a server in a container. */
  CONTAINER
}
