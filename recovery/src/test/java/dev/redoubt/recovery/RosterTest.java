package dev.redoubt.recovery;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class RosterTest {
  private static final class Guest extends Roster.Member {}

  private final Roster<Guest> roster = new Roster<>();

  @Test
  void holdsWhoCameAndDidNotGo() {
    Random random = new Random(7);
    List<Guest> inside = new ArrayList<>();
    Guest last = new Guest();
    roster.enter(last);
    roster.leave(last);
    for (int i = 0; i < 20_000; i++) {
      if (random.nextInt(100) < (i < 10_000 ? 70 : 30) || inside.isEmpty()) {
        Guest comes = new Guest();
        roster.enter(comes);
        inside.add(comes);
        roster.leave(last); // once more: its place may be another one's by now
      } else {
        last = inside.remove(random.nextInt(inside.size()));
        roster.leave(last);
      }
      if (i % 500 == 0) {
        assertEquals(new HashSet<>(inside), new HashSet<>(roster.all()));
        assertEquals(inside.size(), roster.all().size());
      }
    }
  }

  @Test
  void twoNeverGetTheSamePlace() throws InterruptedException {
    AtomicInteger lost = new AtomicInteger();
    List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < 4; t++) {
      threads.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    for (int i = 0; i < 20_000; i++) {
                      Guest mine = new Guest();
                      roster.enter(mine);
                      lost.addAndGet(i % 100 == 0 && !roster.all().contains(mine) ? 1 : 0);
                      roster.leave(mine);
                    }
                  }));
    }
    Guest stays = new Guest();
    roster.enter(stays);
    for (Thread each : threads) {
      each.join();
    }
    assertEquals(0, lost.get());
    assertEquals(List.of(stays), roster.all());
  }
}
