package dev.redoubt.crash.harness.container;

import com.github.dockerjava.api.model.AccessMode;
import com.github.dockerjava.api.model.Bind;
import com.github.dockerjava.api.model.Volume;
import dev.redoubt.buffer.PageStoreKind;
import dev.redoubt.crash.harness.StoreServer;
import dev.redoubt.demo.serve.Server;
import dev.redoubt.io.Disk;
import dev.redoubt.kv.Store;
import dev.redoubt.recovery.Engine;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The class path of a server, bound into its container read-only. */
final class ServerClasses {
  private static final String CACHE = "com.github.benmanes.caffeine.cache.Caffeine";

  private ServerClasses() {}

  /** Folders and jars of this machine, each bound to a place of its own. */
  static List<Bind> binds() {
    List<Bind> binds = new ArrayList<>();
    for (Class<?> type :
        List.of(
            StoreServer.class,
            Server.class,
            Store.class,
            Engine.class,
            PageStoreKind.class,
            Disk.class,
            cache())) {
      Volume place = new Volume("/app/" + binds.size());
      binds.add(new Bind(location(type).toString(), place, AccessMode.ro));
    }
    return binds;
  }

  /** The class path, as the server sees it. */
  static String path() {
    return String.join(":", binds().stream().map(b -> b.getVolume().getPath()).toList());
  }

  private static Class<?> cache() {
    try {
      return Class.forName(CACHE);
    } catch (ClassNotFoundException e) {
      throw new LinkageError("the buffer pool needs Caffeine", e);
    }
  }

  private static Path location(Class<?> type) {
    try {
      return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new LinkageError("a class from nowhere: " + type, e);
    }
  }
}
