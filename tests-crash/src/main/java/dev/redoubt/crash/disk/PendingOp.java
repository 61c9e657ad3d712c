package dev.redoubt.crash.disk;

import java.util.List;

/** Something done to a disk that no force has made durable yet: a crash decides about it. */
public sealed interface PendingOp {
  /** Place in the order of everything done to the disk. */
  long sequence();

  /** The file it concerns, by the name it had then. */
  String file();

  /** What kind of call it was. */
  IoKind kind();

  /** Unforced bytes of a file. */
  final class Write implements PendingOp {
    /** A part of a write within one block; only {@code [from, to)} of the content counts. */
    record Piece(int index, Block content, int from, int to) {}

    private final long sequence;
    private final String file;
    private final long offset;
    private final int length;
    private final List<Piece> pieces;
    private boolean dropped;

    Write(long sequence, String file, long offset, int length, List<Piece> pieces) {
      this.sequence = sequence;
      this.file = file;
      this.offset = offset;
      this.length = length;
      this.pieces = List.copyOf(pieces);
    }

    private Write(Write other) {
      this(other.sequence, other.file, other.offset, other.length, other.pieces);
      dropped = other.dropped;
    }

    @Override
    public long sequence() {
      return sequence;
    }

    @Override
    public String file() {
      return file;
    }

    @Override
    public IoKind kind() {
      return IoKind.WRITE;
    }

    /** First byte, in bytes from the start of the file. */
    public long offset() {
      return offset;
    }

    /** Bytes written. */
    public int length() {
      return length;
    }

    /** Sectors of {@code sectorBytes} that the write touches. */
    public int sectors(int sectorBytes) {
      long first = offset / sectorBytes;
      long last = (offset + length - 1) / sectorBytes;
      return (int) (last - first + 1);
    }

    /** Whether a failed force threw it away: reads show it, the device will never have it. */
    public boolean dropped() {
      return dropped;
    }

    void drop() {
      dropped = true;
    }

    Write copy() {
      return new Write(this);
    }

    List<Piece> pieces() {
      return pieces;
    }
  }

  /** An unforced change of a directory entry. */
  record Entry(long sequence, IoKind kind, String from, String to, long inode)
      implements PendingOp {
    @Override
    public String file() {
      return kind == IoKind.RENAME ? from + ">" + to : from;
    }
  }
}
