package dev.redoubt.crash.harness.container;

import dev.redoubt.crash.harness.Shell;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The image of a server: a Java of its own, made by {@code jlink} of the JDK that this JVM runs on,
 * and the few libraries of the system that it needs. From this machine alone, no registry. Its tag
 * says what it was made of, so it is made once.
 */
final class ServerImage {
  private static final System.Logger LOG = System.getLogger(ServerImage.class.getName());
  private static final String MODULES =
      "java.base,java.logging,java.management,java.transaction.xa,jdk.jfr,jdk.management,"
          + "jdk.unsupported";
  private static final Pattern LIBRARY = Pattern.compile("(/\\S+) \\(0x");
  private static final int TAG_DIGITS = 12;

  private final Path jdk = Path.of(System.getProperty("java.home"));

  private ServerImage() {}

  /** The name of the image; makes it if it is missing, which takes some ten seconds. */
  static String name() {
    ServerImage image = new ServerImage();
    String name = "redoubt/crash:" + image.tag();
    if (Shell.run("docker", "image", "ls", "-q", name).isEmpty()) {
      image.make(name);
    }
    return name;
  }

  private Set<Path> libraries() {
    Set<Path> found = new TreeSet<>();
    for (String each : new String[] {"bin/java", "lib/libjava.so", "lib/server/libjvm.so"}) {
      // libjvm and its like are of the JDK itself and come with it.
      Matcher matcher = LIBRARY.matcher(Shell.run("ldd", jdk.resolve(each).toString()));
      while (matcher.find()) {
        Path library = Path.of(matcher.group(1));
        if (!library.startsWith(jdk)) {
          found.add(library);
        }
      }
    }
    return found;
  }

  private String tag() {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(MODULES.getBytes(StandardCharsets.UTF_8));
      digest.update(Files.readAllBytes(jdk.resolve("release")));
      for (Path library : libraries()) {
        digest.update(library.toString().getBytes(StandardCharsets.UTF_8));
        digest.update(Files.readAllBytes(library));
      }
      return HexFormat.of().formatHex(digest.digest()).substring(0, TAG_DIGITS);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (NoSuchAlgorithmException e) {
      throw new LinkageError("every JDK has SHA-256", e);
    }
  }

  private void make(String name) {
    try {
      Path work = Files.createTempDirectory("redoubt-image-");
      try {
        Path root = work.resolve("root");
        Path java = root.resolve("opt/java");
        Files.createDirectories(java.getParent());
        makeJava(java);
        for (Path library : libraries()) {
          Path copy = root.resolve(library.toString().substring(1));
          Files.createDirectories(copy.getParent());
          Files.copy(library.toRealPath(), copy, StandardCopyOption.REPLACE_EXISTING);
        }
        for (String folder : new String[] {"tmp", "data", "etc", "proc", "sys", "dev"}) {
          Files.createDirectories(root.resolve(folder));
        }
        Files.writeString(root.resolve("etc/passwd"), "root:x:0:0:root:/:/bin/false\n");
        String tar = work.resolve("root.tar").toString();
        Shell.run("tar", "-C", root.toString(), "--owner=0", "--group=0", "-cf", tar, ".");
        Shell.run("docker", "import", tar, name);
      } finally {
        delete(work);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("the image could not be made", e);
    }
  }

  /** A JDK that comes without its modules cannot be linked from; it is copied whole. */
  private void makeJava(Path java) {
    try {
      Shell.run(
          jdk.resolve("bin/jlink").toString(),
          "--add-modules",
          MODULES,
          "--strip-debug",
          "--no-man-pages",
          "--no-header-files",
          "--generate-cds-archive",
          "--output",
          java.toString());
      return;
    } catch (IllegalStateException | UncheckedIOException e) {
      LOG.log(System.Logger.Level.INFO, "no jlink; the JDK is copied whole", e);
    }
    Shell.run("rm", "-rf", java.toString());
    Shell.run("cp", "-rL", jdk.toString(), java.toString());
  }

  private static void delete(Path folder) throws IOException {
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path visited, IOException failure)
              throws IOException {
            Files.delete(visited);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
