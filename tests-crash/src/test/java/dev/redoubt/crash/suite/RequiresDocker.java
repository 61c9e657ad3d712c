package dev.redoubt.crash.suite;

import dev.redoubt.crash.harness.container.DockerEngine;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Skips a class where no Docker engine answers, and prints why; with {@code -Ddocker.required=true}
 * it fails instead.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(RequiresDocker.Condition.class)
@interface RequiresDocker {
  /** Looks for the engine once. */
  final class Condition implements ExecutionCondition {
    private static final @Nullable String MISSING = DockerEngine.missing();

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
      if (MISSING == null) {
        return ConditionEvaluationResult.enabled("a Docker engine answers");
      }
      if (Boolean.getBoolean("docker.required")) {
        throw new ExtensionConfigurationException(MISSING);
      }
      if (context.getTestMethod().isEmpty()) {
        System.out.println("SKIPPED " + context.getDisplayName() + ": " + MISSING);
      }
      return ConditionEvaluationResult.disabled(MISSING);
    }
  }
}
