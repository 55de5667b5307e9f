import java.io.ByteArrayOutputStream;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.List;
import java.util.TreeSet;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.apache.jute.BinaryOutputArchive;
import org.apache.jute.Record;

/**
 * Writes every record of Apache's data and proto modules with Apache's own serializer, each in several
 * variants. Argument: the jar that holds the record classes. Standard output, one line each: JSON with
 * `type`, `variant`, `hex` (the record alone, no header, no length) and `record`.
 */
public final class WriteRecords {
    /** What the fields of one variant hold. */
    private enum Variant {
        ORDINARY(7, 25769804692L, true, "/a/b", "data", 2),
        ZERO(0, 0, false, "", "", 0),
        NULLS(-1, -1, true, null, null, -1),
        GREATEST(Integer.MAX_VALUE, Long.MAX_VALUE, true, "/\u00e4/\u4e2d\u6587/\uffef", "\u0000\u00ff", 1),
        LEAST(Integer.MIN_VALUE, Long.MIN_VALUE, false, "/a b", "x", 1);

        final int number;
        final long longNumber;
        final boolean flag;
        final String text;
        final byte[] bytes;
        /** Elements of a vector; -1: the vector is null. */
        final int count;

        Variant(int number, long longNumber, boolean flag, String text, String bytes, int count) {
            this.number = number;
            this.longNumber = longNumber;
            this.flag = flag;
            this.text = text;
            this.bytes = bytes == null ? null : bytes.getBytes(StandardCharsets.ISO_8859_1);
            this.count = count;
        }
    }

    private static Object value(Type type, Variant variant, int seed) throws Exception {
        if (type == int.class) return variant == Variant.ORDINARY ? variant.number + seed : variant.number;
        if (type == long.class) return variant == Variant.ORDINARY ? variant.longNumber + seed : variant.longNumber;
        if (type == boolean.class) return variant.flag;
        if (type == String.class) return variant == Variant.ORDINARY ? variant.text + seed : variant.text;
        if (type == byte[].class) return variant.bytes;
        if (type instanceof ParameterizedType) {
            if (variant.count < 0) return null;
            List<Object> values = new ArrayList<>();
            Type element = ((ParameterizedType) type).getActualTypeArguments()[0];
            for (int index = 0; index < variant.count; index++) values.add(value(element, variant, index));
            return values;
        }
        return record((Class<?>) type, variant);
    }

    private static Record record(Class<?> type, Variant variant) throws Exception {
        Record record = (Record) type.getDeclaredConstructor().newInstance();
        int seed = 0;
        for (Field field : type.getDeclaredFields()) {
            if (Modifier.isStatic(field.getModifiers())) continue;
            field.setAccessible(true);
            field.set(record, value(field.getGenericType(), variant, seed++));
        }
        return record;
    }

    private static byte[] serialize(Record record) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        record.serialize(BinaryOutputArchive.getArchive(out), "record");
        return out.toByteArray();
    }

    private static List<String> recordNames(String jar) throws Exception {
        TreeSet<String> names = new TreeSet<>();
        try (JarFile file = new JarFile(jar)) {
            for (Enumeration<JarEntry> entries = file.entries(); entries.hasMoreElements();) {
                String name = entries.nextElement().getName();
                if (name.matches("org/apache/zookeeper/(data|proto)/\\w+\\.class")) {
                    names.add(name.replace('/', '.').substring(0, name.length() - ".class".length()));
                }
            }
        }
        return new ArrayList<>(names);
    }

    /**
     * Up to 3.8 the last byte of the handshake is no field of its records: Apache's classes write it by
     * hand after them. Since 3.9 it is a field; here it is added to both, in the same place.
     */
    private static boolean hasReadOnlyAfter(Class<?> type) {
        return type.getSimpleName().matches("Connect(Request|Response)");
    }

    private static String line(Class<?> type, Variant variant) throws Exception {
        Record record = record(type, variant);
        String hex = JuteJson.hex(serialize(record));
        String json = JuteJson.of(record);
        if (hasReadOnlyAfter(type) && !json.contains("readOnly")) {
            hex += variant.flag ? "01" : "00";
            json = json.substring(0, json.length() - 1) + ",\"readOnly\":" + variant.flag + "}";
        }
        return "{\"type\":\"" + type.getSimpleName() + "\",\"variant\":\"" + variant.name().toLowerCase()
            + "\",\"hex\":\"" + hex + "\",\"record\":" + json + "}";
    }

    public static void main(String[] arguments) throws Exception {
        for (String name : recordNames(arguments[0])) {
            for (Variant variant : Variant.values()) System.out.println(line(Class.forName(name), variant));
        }
    }
}
