/** The program. */
module dev.redoubt.demo {
  requires dev.redoubt.kv;
  requires info.picocli;
  requires static com.google.errorprone.annotations;
  requires static transitive org.jspecify;

  opens dev.redoubt.demo.command to
      info.picocli;
}
