/** The program. */
module dev.redoubt.demo {
  requires transitive dev.redoubt.kv;
  requires transitive info.picocli;
  requires java.logging;
  requires static com.google.errorprone.annotations;
  requires static transitive org.jspecify;

  exports dev.redoubt.demo;
  exports dev.redoubt.demo.command;
  exports dev.redoubt.demo.output;
  exports dev.redoubt.demo.serve;

  opens dev.redoubt.demo.command to
      info.picocli;
}
