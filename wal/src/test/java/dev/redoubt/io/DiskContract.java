package dev.redoubt.io;

import org.junit.jupiter.api.Timeout;

/**
 * The whole contract of {@link Disk}, {@link DiskFile} and {@link DiskLock} as tests. Whatever
 * stands in for a disk implements this in a test class of its own and passes.
 */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
public interface DiskContract extends NamesContract, TransfersContract, ThreadsContract {}
