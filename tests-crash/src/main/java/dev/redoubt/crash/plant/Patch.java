package dev.redoubt.crash.plant;

import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeModel;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.MethodModel;
import java.lang.classfile.MethodTransform;
import java.lang.classfile.instruction.BranchInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * One change of a compiled method. The method is named by its class and its own name; all overloads
 * are meant, and {@code name*} means every method whose name begins so, the bodies of lambdas among
 * them. A call is named {@code Type.method}, without the package; {@code Type.method#n} is the n-th
 * of them in the method only, from 0. Immutable.
 *
 * <p>A patch that changes nothing, because the code it was made for is not there any more, is an
 * error of whoever keeps the list of bugs, and reported as such.
 */
public final class Patch {
  private final String className;
  private final String method;
  private final String what;
  private final Edit edit;

  /** Changes the body of a method; counts what it changed. */
  @FunctionalInterface
  interface Edit {
    MethodTransform transform(MethodModel method, Consumer<String> changed);
  }

  private Patch(String className, String method, String what, Edit edit) {
    this.className = className;
    this.method = method;
    this.what = what;
    this.edit = edit;
  }

  /** Leaves out every such call; it seems to have returned null, 0 or false. */
  public static Patch withoutCall(String className, String method, String callee) {
    return new Patch(
        className,
        method,
        "without " + callee,
        (_, changed) -> onCalls(callee, changed, Calls::drop));
  }

  /**
   * Sends every such call to a public static method of another class instead, which gets the
   * receiver, if there was one, and the arguments. Where a type is not visible there it takes, or
   * returns, an {@code Object}.
   */
  public static Patch callSentTo(
      String className, String method, String callee, Class<?> to, String name) {
    return new Patch(
        className,
        method,
        callee + " sent to " + name,
        (_, changed) -> onCalls(callee, changed, (code, call) -> Calls.send(code, call, to, name)));
  }

  /** The method does nothing; it returns null, 0 or false. */
  public static Patch emptied(String className, String method) {
    return body(className, method, "emptied", false);
  }

  /** The method does nothing and returns true. */
  public static Patch returningTrue(String className, String method) {
    return body(className, method, "returning true", true);
  }

  private static Patch body(String className, String method, String what, boolean value) {
    return new Patch(
        className,
        method,
        what,
        (original, changed) ->
            (builder, element) -> {
              if (element instanceof CodeModel) {
                changed.accept(original.methodName().stringValue());
                builder.withCode(code -> Calls.returning(code, original.methodTypeSymbol(), value));
              } else {
                builder.with(element);
              }
            });
  }

  /** The {@code number}-th conditional branch of the method (from 0) goes the other way. */
  public static Patch branchInverted(String className, String method, int number) {
    return new Patch(
        className,
        method,
        "branch " + number + " inverted",
        (_, changed) -> {
          int[] count = {0};
          return MethodTransform.transformingCode(
              (code, element) -> {
                if (element instanceof BranchInstruction branch
                    && Calls.isConditional(branch)
                    && count[0]++ == number) {
                  changed.accept("branch");
                  Calls.invert(code, branch);
                } else {
                  code.with(element);
                }
              });
        });
  }

  /** What becomes of a call. */
  private interface CallEdit {
    void apply(CodeBuilder code, InvokeInstruction call);
  }

  private static MethodTransform onCalls(String callee, Consumer<String> changed, CallEdit edit) {
    int hash = callee.indexOf('#');
    String name = hash < 0 ? callee : callee.substring(0, hash);
    int only = hash < 0 ? -1 : Integer.parseInt(callee.substring(hash + 1));
    int[] count = {0};
    CodeTransform transform =
        (code, element) -> {
          if (isCall(element, name) && (only < 0 || count[0]++ == only)) {
            changed.accept(callee);
            edit.apply(code, (InvokeInstruction) element);
          } else {
            code.with(element);
          }
        };
    return MethodTransform.transformingCode(transform);
  }

  private static boolean isCall(CodeElement element, String callee) {
    if (!(element instanceof InvokeInstruction call)) {
      return false;
    }
    String owner = call.owner().asInternalName();
    String simple = owner.substring(Math.max(owner.lastIndexOf('/'), owner.lastIndexOf('$')) + 1);
    return callee.equals(simple + "." + call.name().stringValue());
  }

  String className() {
    return className;
  }

  private boolean isFor(MethodModel model) {
    String name = model.methodName().stringValue();
    return method.endsWith("*")
        ? name.startsWith(method.substring(0, method.length() - 1))
        : name.equals(method);
  }

  /**
   * The class with this change.
   *
   * @throws IllegalStateException if there is nothing to change
   */
  byte[] apply(ClassFile classFile, byte[] original) {
    List<String> changed = new ArrayList<>();
    ClassTransform transform =
        (builder, element) -> {
          if (element instanceof MethodModel each && isFor(each)) {
            builder.transformMethod(each, edit.transform(each, changed::add));
          } else {
            builder.with(element);
          }
        };
    byte[] patched = classFile.transformClass(classFile.parse(original), transform);
    if (changed.isEmpty()) {
      throw new IllegalStateException(
          this + ": nothing to change; the method has changed, bring the patch up to date");
    }
    return patched;
  }

  @Override
  public String toString() {
    return className + "." + method + " " + what;
  }
}
