package dev.redoubt.kv.btree;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.SplittableRandom;

/** Kinds of keys that tests draw; all from small enough sets that keys come again. */
enum KeyKind {
  /** 0 to 6 bytes, the empty key among them, many equal heads. */
  SHORT {
    @Override
    byte[] next(SplittableRandom random, int pageSize) {
      byte[] key = new byte[random.nextInt(7)];
      for (int i = 0; i < key.length; i++) {
        key[i] = (byte) (random.nextInt(4) * 85);
      }
      return key;
    }
  },
  /** Up to the longest key a page of that size takes. */
  LONG {
    @Override
    byte[] next(SplittableRandom random, int pageSize) {
      SplittableRandom content = new SplittableRandom(random.nextInt(400));
      byte[] key = new byte[content.nextInt(pageSize / 4 + 1)];
      Arrays.fill(key, (byte) content.nextInt(3));
      int changed = Math.min(key.length, 3);
      for (int i = 0; i < changed; i++) {
        key[content.nextInt(key.length)] = (byte) content.nextInt(256);
      }
      return key;
    }
  },
  /** A path and a number. */
  COMMON_PREFIX {
    @Override
    byte[] next(SplittableRandom random, int pageSize) {
      return String.format("/users/europe/%06d", random.nextInt(3000))
          .getBytes(StandardCharsets.UTF_8);
    }
  };

  abstract byte[] next(SplittableRandom random, int pageSize);
}
