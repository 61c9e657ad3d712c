package dev.redoubt.benchmarks;

import java.util.Locale;
import java.util.Map;

/** Draws latency over time as SVG: one panel a trace, the longest of each bucket, log scale. */
final class LatencyPlot {
  private static final int WIDTH = 1000;
  private static final int PANEL = 170;
  private static final int LEFT = 70;
  private static final int TOP = 30;
  private static final double LEAST_MILLIS = 0.05;
  private static final double MOST_MILLIS = 200;

  private LatencyPlot() {}

  static String svg(String title, Map<String, LatencyTrace> traces) {
    int height = TOP + traces.size() * PANEL + 20;
    StringBuilder svg = new StringBuilder();
    svg.append(
        String.format(
            Locale.ROOT,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\""
                + " font-family=\"sans-serif\" font-size=\"12\">%n"
                + "<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>%n"
                + "<text x=\"%d\" y=\"18\" font-size=\"14\">%s</text>%n",
            WIDTH,
            height,
            LEFT,
            title));
    double seconds = traces.values().stream().mapToDouble(LatencyTrace::seconds).max().orElse(1);
    int top = TOP;
    for (Map.Entry<String, LatencyTrace> each : traces.entrySet()) {
      panel(svg, top, each.getKey(), each.getValue(), seconds);
      top += PANEL;
    }
    return svg.append("</svg>\n").toString();
  }

  private static void panel(
      StringBuilder svg, int top, String name, LatencyTrace trace, double seconds) {
    for (double millis : new double[] {0.1, 1, 10, 100}) {
      double y = y(top, millis);
      String colour = millis == 10 ? "#c33" : "#ddd";
      svg.append(
          String.format(
              Locale.ROOT,
              "<line x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"%s\"/>%n"
                  + "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s ms</text>%n",
              LEFT,
              WIDTH - 10,
              y,
              y,
              colour,
              LEFT - 6,
              y + 4,
              millis < 1 ? "0.1" : Integer.toString((int) millis)));
    }
    double width = seconds / (WIDTH - LEFT - 10);
    double[] longest = trace.longestMillis(width);
    svg.append("<path stroke=\"#2563a8\" fill=\"none\" d=\"");
    for (int i = 0; i < longest.length; i++) {
      if (longest[i] > 0) {
        svg.append(
            String.format(
                Locale.ROOT, "M%d %.1fV%.1f", LEFT + i, y(top, LEAST_MILLIS), y(top, longest[i])));
      }
    }
    svg.append(
        String.format(
            Locale.ROOT,
            "\"/>%n<text x=\"%d\" y=\"%d\">%s: longest in each %.0f ms, over %.1f s</text>%n",
            LEFT + 6,
            top + 14,
            name,
            width * 1e3,
            trace.seconds()));
  }

  private static double y(int top, double millis) {
    double within = Math.clamp(millis, LEAST_MILLIS, MOST_MILLIS);
    double share = Math.log(within / LEAST_MILLIS) / Math.log(MOST_MILLIS / LEAST_MILLIS);
    return top + PANEL - 12 - share * (PANEL - 34);
  }
}
