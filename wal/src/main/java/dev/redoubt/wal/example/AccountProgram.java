package dev.redoubt.wal.example;

import dev.redoubt.io.Environment;
import dev.redoubt.wal.example.AccountEvent.Transferred;
import java.nio.file.Path;
import java.util.random.RandomGenerator;

/**
 * The journal from a shell. Kill it at any moment: every line that {@code run} printed is in {@code
 * events} afterwards, and no cent is lost.
 */
public final class AccountProgram {
  private static final int ACCOUNTS = 10;
  private static final long TOTAL_CENTS = 1_000_000_00;
  private static final int TRANSFERS_A_FORCE = 10;
  private static final int TRANSFERS_A_SNAPSHOT = 2_000;

  private static final String USAGE =
      """
      usage: AccountProgram DIRECTORY COMMAND
        deposit ACCOUNT CENTS     transfer FROM TO CENTS     balances
        events [LSN]              snapshot                   run [TRANSFERS]
        follow [LSN]              beside a process that runs it\
      """;

  private AccountProgram() {}

  /** Carries one command out; prints events only when they are durable. */
  public static void main(String[] args) throws InterruptedException {
    if (args.length < 2) {
      System.err.println(USAGE);
      System.exit(2);
    }
    if (args[1].equals("follow")) {
      AccountJournal.follow(
          Path.of(args[0]),
          args.length > 2 ? Long.parseLong(args[2]) : 0,
          (event, lsn) -> System.out.println(lsn + " " + event));
      return;
    }
    try (AccountJournal journal = AccountJournal.open(Path.of(args[0]))) {
      switch (args[1]) {
        case "deposit" -> journal.await(journal.deposit(args[2], Long.parseLong(args[3])));
        case "transfer" ->
            journal.await(journal.transfer(args[2], args[3], Long.parseLong(args[4])));
        case "balances" ->
            journal
                .balances()
                .forEach((account, cents) -> System.out.println(account + " " + cents));
        case "events" -> print(journal, args.length > 2 ? Long.parseLong(args[2]) : 0);
        case "snapshot" -> System.out.println("the journal begins at " + journal.snapshot());
        case "run" -> run(journal, args.length > 2 ? Long.parseLong(args[2]) : Long.MAX_VALUE);
        default -> System.err.println(USAGE);
      }
    }
  }

  private static void print(AccountJournal journal, long fromLsn) {
    journal.replay(fromLsn, (event, lsn) -> System.out.println(lsn + " " + event));
  }

  /** Transfers at random; every tenth time waits for the disk and prints the event. */
  private static void run(AccountJournal journal, long transfers) {
    RandomGenerator random = Environment.system().random();
    if (journal.balances().isEmpty()) {
      journal.await(journal.deposit("account 0", TOTAL_CENTS));
    }
    for (long n = 1; n <= transfers; n++) {
      String from = "account " + random.nextInt(ACCOUNTS);
      String to = "account " + random.nextInt(ACCOUNTS);
      long cents = random.nextLong(journal.balances().getOrDefault(from, 0L) + 1);
      long lsn = journal.transfer(from, to, cents);
      if (n % TRANSFERS_A_FORCE == 0) {
        journal.await(lsn); // and with it the nine before
        System.out.println(lsn + " " + new Transferred(from, to, cents));
      }
      if (n % TRANSFERS_A_SNAPSHOT == 0) {
        journal.snapshot();
      }
    }
  }
}
