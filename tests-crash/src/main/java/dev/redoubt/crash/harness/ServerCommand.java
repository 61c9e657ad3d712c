package dev.redoubt.crash.harness;

import java.util.ArrayList;
import java.util.List;

/** The command line of a {@link StoreServer}. */
public final class ServerCommand {
  private ServerCommand() {}

  /**
   * A command line.
   *
   * @param java the program
   * @param heapMegabytes of the server
   */
  public static List<String> of(
      String java,
      int heapMegabytes,
      String classPath,
      String folder,
      String host,
      int port,
      ServerSettings settings) {
    List<String> command = new ArrayList<>();
    command.add(java);
    command.add("--enable-native-access=ALL-UNNAMED");
    command.addAll(List.of("-Xmx" + heapMegabytes + "m", "-XX:+UseSerialGC"));
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-Xshare:auto"));
    command.addAll(List.of("-cp", classPath, StoreServer.class.getName()));
    command.addAll(List.of(folder, host, Integer.toString(port)));
    command.addAll(settings.arguments());
    return command;
  }
}
