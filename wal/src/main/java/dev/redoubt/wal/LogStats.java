package dev.redoubt.wal;

/**
 * Figures of a log at one moment.
 *
 * @param startLsn first LSN still kept
 * @param durableEndLsn everything below is durable
 * @param endLsn where the next record will stand, or before
 * @param segmentCount segment files in use
 * @param spareSegments recycled or made ahead, ready for use
 * @param reservedBytes log space set aside for records to come, with their padding
 * @param records appended since opening
 * @param recordBytes their bytes, frames included
 * @param batches written since opening
 * @param forces since opening
 * @param appendStalls times since opening that an append waited because the ring was full
 * @param lateSegments times since opening that an append waited while a segment was made; 0 when
 *     the background keeps up
 */
public record LogStats(
    long startLsn,
    long durableEndLsn,
    long endLsn,
    int segmentCount,
    int spareSegments,
    long reservedBytes,
    long records,
    long recordBytes,
    long batches,
    long forces,
    long appendStalls,
    long lateSegments) {}
