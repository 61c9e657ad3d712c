package dev.redoubt.demo.command;

import dev.redoubt.demo.inspect.PageView;
import dev.redoubt.demo.output.InputException;
import dev.redoubt.demo.output.Text;
import dev.redoubt.kv.StoreInspector;
import dev.redoubt.recovery.Inspection;
import dev.redoubt.recovery.StoredPage;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code redoubt page}. */
@Command(
    name = "page",
    header = "Print a page: header, checksum state, slots.",
    description = {
      "Print a page as it stands on disk: header, checksum state, and the slots of a tree's node."
          + " Writes nothing; the log may hold newer changes of the page."
    })
final class PageCommand extends InspectCommand {
  @Parameters(index = "1", paramLabel = "N", description = "Number of the page, from 1.")
  private long pageId;

  PageCommand() {}

  @Override
  int run(Inspection store) {
    if (pageId < 1 || pageId > store.capacityPages()) {
      throw new InputException(
          "no-such-page",
          "the store has pages 1 to " + Text.count(store.capacityPages()) + ", not " + pageId);
    }
    StoredPage page = store.page(pageId);
    PageView view =
        new PageView(
            page, store.pageSize(), StoreInspector.typeName(page), StoreInspector.node(page));
    print(view.json(), view.text());
    return page.problem() == null ? ExitCode.OK : ExitCode.NO;
  }
}
