package dev.redoubt.demo.show;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.zip.GZIPInputStream;

/** The bundled data: one entry for each city of GeoNames with 500 people or more. */
public final class Cities {
  /** To be shown wherever the data are. */
  public static final String ATTRIBUTION = "GeoNames (https://www.geonames.org), CC BY 4.0";

  private static final String RESOURCE = "/dev/redoubt/demo/cities.tsv.gz";

  /**
   * A city.
   *
   * @param key country, region and name
   * @param value latitude, longitude, district
   */
  public record City(String key, String value) {}

  private Cities() {}

  /** The first {@code limit} cities in the order of their keys, or all if there are fewer. */
  public static List<City> read(int limit) {
    List<City> cities = new ArrayList<>();
    try (InputStream raw = Objects.requireNonNull(Cities.class.getResourceAsStream(RESOURCE));
        BufferedReader lines =
            new BufferedReader(
                new InputStreamReader(new GZIPInputStream(raw), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine();
          line != null && cities.size() < limit;
          line = lines.readLine()) {
        int tab = line.indexOf('\t');
        if (tab > 0 && line.charAt(0) != '#') {
          cities.add(new City(line.substring(0, tab), line.substring(tab + 1)));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("the bundled cities", e);
    }
    return cities;
  }
}
