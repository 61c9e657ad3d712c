package dev.redoubt.crash.command;

import java.io.IOException;
import java.util.List;
import java.util.Map;

/** Looks for crashes that lose something, piece by piece. Confined to one thread. */
interface Hunt {
  /**
   * One piece of work, seconds long.
   *
   * @param number of the piece, from 0
   * @param screen shows how it goes
   */
  Piece next(int number, Screen screen) throws IOException;

  /** What has been done so far, in numbers: name and count. */
  Map<String, Long> done();

  /**
   * One piece.
   *
   * @param line for people: what was tried and what came of it
   * @param findings what was wrong; empty if nothing was
   */
  record Piece(String line, List<String> findings) {
    /** Keeps a copy. */
    public Piece {
      findings = List.copyOf(findings);
    }
  }
}
