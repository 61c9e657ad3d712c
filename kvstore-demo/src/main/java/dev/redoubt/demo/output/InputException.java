package dev.redoubt.demo.output;

/** What the caller of the program gave cannot be used: exit code 2. The message says why. */
public final class InputException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String code;

  /**
   * What is wrong.
   *
   * @param code short, stable name for {@code --json}, in kebab case
   */
  public InputException(String code, String message) {
    super(message);
    this.code = code;
  }

  public String code() {
    return code;
  }
}
