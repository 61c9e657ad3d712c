package dev.redoubt.crash.command;

import java.util.List;

/** Where the program {@code redoubt} starts for {@code redoubt crash}. */
public final class Main {
  private Main() {}

  /** The program, with one command more. */
  public static void main(String[] args) {
    dev.redoubt.demo.Main.run(args, List.of(new CrashCommand()));
  }
}
