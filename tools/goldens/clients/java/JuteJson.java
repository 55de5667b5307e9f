import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.List;
import org.apache.jute.Record;

/**
 * Apache's jute records as JSON, by their own fields: longs as decimal strings, buffers in hex,
 * null as null. Knows no record by name, so that what it prints is Apache's reading of the bytes.
 */
final class JuteJson {
    private JuteJson() {}

    static String of(Object value) throws IllegalAccessException {
        StringBuilder out = new StringBuilder();
        write(out, value);
        return out.toString();
    }

    private static void write(StringBuilder out, Object value) throws IllegalAccessException {
        if (value == null || value instanceof Integer || value instanceof Boolean) {
            out.append(value);
        } else if (value instanceof Long) {
            out.append('"').append(value).append('"');
        } else if (value instanceof String) {
            writeText(out, (String) value);
        } else if (value instanceof byte[]) {
            out.append('"').append(hex((byte[]) value)).append('"');
        } else if (value instanceof List) {
            writeList(out, (List<?>) value);
        } else if (value instanceof Record) {
            writeRecord(out, value);
        } else {
            throw new IllegalArgumentException("no JSON for " + value.getClass());
        }
    }

    private static void writeList(StringBuilder out, List<?> values) throws IllegalAccessException {
        String separator = "[";
        for (Object value : values) {
            out.append(separator);
            write(out, value);
            separator = ",";
        }
        out.append(values.isEmpty() ? "[]" : "]");
    }

    private static void writeRecord(StringBuilder out, Object record) throws IllegalAccessException {
        String separator = "{";
        for (Field field : record.getClass().getDeclaredFields()) {
            if (Modifier.isStatic(field.getModifiers())) continue;
            field.setAccessible(true);
            out.append(separator);
            writeText(out, field.getName());
            out.append(':');
            write(out, field.get(record));
            separator = ",";
        }
        out.append(separator.equals("{") ? "{}" : "}");
    }

    private static void writeText(StringBuilder out, String text) {
        out.append('"');
        for (char unit : text.toCharArray()) {
            boolean plain = unit >= 0x20 && unit < 0x7f && unit != '"' && unit != '\\';
            if (plain) out.append(unit);
            else out.append(String.format("\\u%04x", (int) unit));
        }
        out.append('"');
    }

    static String hex(byte[] bytes) {
        StringBuilder out = new StringBuilder(bytes.length * 2);
        for (byte one : bytes) {
            out.append(Character.forDigit((one >> 4) & 15, 16)).append(Character.forDigit(one & 15, 16));
        }
        return out.toString();
    }

    static byte[] bytes(String hex) {
        byte[] out = new byte[hex.length() / 2];
        for (int index = 0; index < out.length; index++) {
            out[index] = (byte) Integer.parseInt(hex.substring(index * 2, index * 2 + 2), 16);
        }
        return out;
    }
}
