package dev.redoubt.crash.harness.container;

import dev.redoubt.crash.harness.Shell;
import java.nio.file.Files;
import java.nio.file.Path;

/** Drops the packets of a server, in the network of its container. */
final class Packets {
  private static final Path NSENTER = Path.of("/usr/bin/nsenter");
  private static final Path IPTABLES = Path.of("/usr/sbin/iptables");

  private Packets() {}

  static boolean canBeDropped() {
    return "root".equals(System.getProperty("user.name"))
        && Files.isExecutable(NSENTER)
        && Files.isExecutable(IPTABLES);
  }

  static void drop(long pid) {
    filter(pid, "-A", "INPUT", "-p", "tcp", "--dport", "" + ServerContainer.PORT, "-j", "DROP");
    filter(pid, "-A", "OUTPUT", "-p", "tcp", "--sport", "" + ServerContainer.PORT, "-j", "DROP");
  }

  static void pass(long pid) {
    filter(pid, "-F");
  }

  private static void filter(long pid, String... rule) {
    String[] command = new String[rule.length + 5];
    command[0] = NSENTER.toString();
    command[1] = "-t";
    command[2] = Long.toString(pid);
    command[3] = "-n";
    command[4] = IPTABLES.toString();
    System.arraycopy(rule, 0, command, 5, rule.length);
    Shell.run(command);
  }
}
