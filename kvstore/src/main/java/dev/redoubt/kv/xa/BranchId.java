package dev.redoubt.kv.xa;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import javax.transaction.xa.Xid;
import org.jspecify.annotations.Nullable;

/**
 * The name of a branch: an Xid that compares by its contents, as a store keeps it. Immutable.
 *
 * <p>In the global id of a prepared transaction: {@code 'X'}, i32 format id, u8 length of the
 * global transaction id, the global transaction id, the branch qualifier; big-endian.
 */
final class BranchId implements Xid {
  private static final byte MARK = 'X';
  private static final int HEAD_BYTES = 6;

  private final int formatId;
  private final byte[] globalId;
  private final byte[] qualifier;

  private BranchId(int formatId, byte[] globalId, byte[] qualifier) {
    this.formatId = formatId;
    this.globalId = globalId;
    this.qualifier = qualifier;
  }

  /** A copy of {@code xid}; null if it breaks the limits of the specification. */
  static @Nullable BranchId of(Xid xid) {
    byte[] globalId = xid.getGlobalTransactionId();
    byte[] qualifier = xid.getBranchQualifier();
    return xid.getFormatId() < 0
            || globalId.length < 1
            || globalId.length > MAXGTRIDSIZE
            || qualifier.length > MAXBQUALSIZE
        ? null
        : new BranchId(xid.getFormatId(), globalId.clone(), qualifier.clone());
  }

  /** What {@link #encode} gave; null if it is the name of no branch. */
  static @Nullable BranchId decode(byte[] gtrid) {
    if (gtrid.length <= HEAD_BYTES || gtrid[0] != MARK) {
      return null;
    }
    ByteBuffer in = ByteBuffer.wrap(gtrid, 1, gtrid.length - 1);
    int formatId = in.getInt();
    int length = in.get() & 0xff;
    int rest = gtrid.length - HEAD_BYTES - length;
    if (formatId < 0 || length < 1 || length > MAXGTRIDSIZE || rest < 0 || rest > MAXBQUALSIZE) {
      return null;
    }
    int end = HEAD_BYTES + length;
    return new BranchId(
        formatId,
        Arrays.copyOfRange(gtrid, HEAD_BYTES, end),
        Arrays.copyOfRange(gtrid, end, gtrid.length));
  }

  byte[] encode() {
    return ByteBuffer.allocate(HEAD_BYTES + globalId.length + qualifier.length)
        .put(MARK)
        .putInt(formatId)
        .put((byte) globalId.length)
        .put(globalId)
        .put(qualifier)
        .array();
  }

  @Override
  public int getFormatId() {
    return formatId;
  }

  @Override
  public byte[] getGlobalTransactionId() {
    return globalId.clone();
  }

  @Override
  public byte[] getBranchQualifier() {
    return qualifier.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof BranchId that
        && formatId == that.formatId
        && Arrays.equals(globalId, that.globalId)
        && Arrays.equals(qualifier, that.qualifier);
  }

  @Override
  public int hashCode() {
    return 31 * (31 * formatId + Arrays.hashCode(globalId)) + Arrays.hashCode(qualifier);
  }

  @Override
  public String toString() {
    HexFormat hex = HexFormat.of();
    return formatId + ":" + hex.formatHex(globalId) + ":" + hex.formatHex(qualifier);
  }
}
