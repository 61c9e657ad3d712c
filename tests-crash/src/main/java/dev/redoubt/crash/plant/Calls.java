package dev.redoubt.crash.plant;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Opcode;
import java.lang.classfile.TypeKind;
import java.lang.classfile.instruction.BranchInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
import java.util.List;

/** Writes the instructions of patches. */
final class Calls {
  private Calls() {}

  /** Takes a call's operands from the stack, and leaves a result that says nothing. */
  static void drop(CodeBuilder code, InvokeInstruction call) {
    MethodTypeDesc type = call.typeSymbol();
    List<ClassDesc> parameters = type.parameterList();
    for (ClassDesc parameter : parameters.reversed()) {
      if (TypeKind.from(parameter).slotSize() == 2) {
        code.pop2();
      } else {
        code.pop();
      }
    }
    if (call.opcode() != Opcode.INVOKESTATIC) {
      code.pop();
    }
    nothing(code, type.returnType(), false);
  }

  /** Calls {@code to.name} with the same operands. */
  static void send(CodeBuilder code, InvokeInstruction call, Class<?> to, String name) {
    Method method = find(to, name);
    MethodTypeDesc type =
        MethodTypeDesc.ofDescriptor(
            MethodType.methodType(method.getReturnType(), method.getParameterTypes())
                .descriptorString());
    code.invokestatic(to.describeConstable().orElseThrow(), name, type);
    ClassDesc wanted = call.typeSymbol().returnType();
    if (!wanted.isPrimitive() && !wanted.equals(type.returnType())) {
      code.checkcast(wanted);
    }
  }

  private static Method find(Class<?> to, String name) {
    for (Method method : to.getDeclaredMethods()) {
      if (method.getName().equals(name)) {
        return method;
      }
    }
    throw new IllegalArgumentException(to + " has no method " + name);
  }

  /** A whole body. */
  static void returning(CodeBuilder code, MethodTypeDesc type, boolean value) {
    nothing(code, type.returnType(), value);
    code.return_(TypeKind.from(type.returnType()));
  }

  private static void nothing(CodeBuilder code, ClassDesc type, boolean value) {
    if (type.equals(ConstantDescs.CD_void)) {
      return;
    }
    switch (TypeKind.from(type)) {
      case LONG -> code.lconst_0();
      case DOUBLE -> code.dconst_0();
      case FLOAT -> code.fconst_0();
      case REFERENCE -> code.aconst_null();
      case BOOLEAN, BYTE, CHAR, INT, SHORT -> code.loadConstant(value ? 1 : 0);
      case VOID -> {}
    }
  }

  static boolean isConditional(BranchInstruction branch) {
    return branch.opcode() != Opcode.GOTO && branch.opcode() != Opcode.GOTO_W;
  }

  static void invert(CodeBuilder code, BranchInstruction branch) {
    code.branch(inverse(branch.opcode()), branch.target());
  }

  private static Opcode inverse(Opcode opcode) {
    return switch (opcode) {
      case IFEQ -> Opcode.IFNE;
      case IFNE -> Opcode.IFEQ;
      case IFLT -> Opcode.IFGE;
      case IFGE -> Opcode.IFLT;
      case IFGT -> Opcode.IFLE;
      case IFLE -> Opcode.IFGT;
      case IF_ICMPEQ -> Opcode.IF_ICMPNE;
      case IF_ICMPNE -> Opcode.IF_ICMPEQ;
      case IF_ICMPLT -> Opcode.IF_ICMPGE;
      case IF_ICMPGE -> Opcode.IF_ICMPLT;
      case IF_ICMPGT -> Opcode.IF_ICMPLE;
      case IF_ICMPLE -> Opcode.IF_ICMPGT;
      case IF_ACMPEQ -> Opcode.IF_ACMPNE;
      case IF_ACMPNE -> Opcode.IF_ACMPEQ;
      case IFNULL -> Opcode.IFNONNULL;
      case IFNONNULL -> Opcode.IFNULL;
      default -> throw new IllegalArgumentException("not a conditional branch: " + opcode);
    };
  }
}
