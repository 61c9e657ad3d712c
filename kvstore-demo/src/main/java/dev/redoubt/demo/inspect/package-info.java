/**
 * Log and pages for people: {@link dev.redoubt.demo.inspect.RecordView} is a log record as a line
 * or as JSON, {@link dev.redoubt.demo.inspect.LogFilter} chooses records, {@link
 * dev.redoubt.demo.inspect.PageView} is a page, {@link dev.redoubt.demo.inspect.Forecast} a restart
 * that has not happened.
 */
@NullMarked
package dev.redoubt.demo.inspect;

import org.jspecify.annotations.NullMarked;
