package dev.redoubt.demo.command;

import dev.redoubt.demo.output.Json;
import dev.redoubt.kv.Store;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code redoubt give-up}. */
@Command(
    name = "give-up",
    header = "Give a damaged page up for good.",
    description = {
      "Say that a page in quarantine is lost: the log is no longer held for it, and transactions"
          + " that could not be rolled back because of it are rolled back everywhere else. Whoever"
          + " asks for what was on it is still told. There is no way back: put a copy of the page"
          + " in its place, or run 'redoubt salvage', before. 'redoubt stats' names the pages."
    })
final class GiveUpCommand extends StoreCommand {
  @Parameters(index = "1", paramLabel = "PAGE", description = "Number of the page.")
  private long page;

  GiveUpCommand() {}

  @Override
  int run(Store store) {
    store.engine().giveUp(page);
    print(
        Json.object("page", page, "givenUp", true),
        "durable: page " + page + " is given up, what was on it is lost");
    return ExitCode.OK;
  }
}
