import java.util.Map;

/** Lines for whoever started this. */
final class Output {
    private Output() {}

    static void phase(String phase) {
        line("{\"type\":\"phase\",\"phase\":\"" + phase + "\"}");
    }

    static void result(String version, Result result) {
        StringBuilder text = new StringBuilder("{\"type\":\"result\",\"version\":\"").append(version).append("\",\"values\":{");
        String separator = "";
        for (Map.Entry<String, Double> value : result.values.entrySet()) {
            text.append(separator).append('"').append(value.getKey()).append("\":").append(number(value.getValue()));
            separator = ",";
        }
        line(text.append("}}").toString());
    }

    static void failed(String reason) {
        String plain = reason.replace("\\", "\\\\").replace("\"", "\\\"").replaceAll("\\p{Cntrl}", " ");
        line("{\"type\":\"failed\",\"reason\":\"" + plain + "\"}");
    }

    /** NaN and infinite become null, which is what JSON has. */
    private static String number(double value) {
        return Double.isNaN(value) || Double.isInfinite(value) ? "null" : Double.toString(value);
    }

    private static void line(String text) {
        System.out.println(text);
        System.out.flush();
    }
}
