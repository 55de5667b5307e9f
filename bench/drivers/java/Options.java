/** The command line, as ../README.md has it. */
final class Options {
    enum Operation { GET, SET, EXISTS, CREATE, GET_CHILDREN, MULTI, MIXED }

    String server;
    Operation operation = Operation.GET;
    String path;
    int payloadBytes;
    int children;
    int depth = 1;
    double warmupMs;
    double warmupOperations = 10_000;
    double warmupStretch = 1.5;
    double measureMs = 400;
    /** Requests a second of an open loop; 0: closed loops. */
    double rate;
    /** Independent arrivals with exponential gaps, and not evenly spaced ones. */
    boolean poisson;
    double drainMs = 5_000;

    private Options() {}

    static Options parse(String[] words) {
        Options options = new Options();
        for (int index = 0; index < words.length; index += 2) {
            if (index + 1 == words.length) throw new IllegalArgumentException("no value for '" + words[index] + "'");
            options.read(words[index], words[index + 1]);
        }
        if (options.server == null) throw new IllegalArgumentException("wanted: '--server'");
        if (options.path == null) throw new IllegalArgumentException("wanted: '--path'");
        return options;
    }

    private void read(String name, String value) {
        switch (name) {
            case "--server": server = value; break;
            case "--operation": operation = operationNamed(value); break;
            case "--path": path = value; break;
            case "--payload": payloadBytes = (int) number(value, 0); break;
            case "--children": children = (int) number(value, 0); break;
            case "--depth": depth = (int) number(value, 1); break;
            case "--warmup": warmupMs = number(value, 0); break;
            case "--warmup-operations": warmupOperations = number(value, 0); break;
            case "--warmup-stretch": warmupStretch = number(value, 1); break;
            case "--measure": measureMs = number(value, 1); break;
            case "--rate": rate = number(value, 0.001); break;
            case "--arrivals": poisson = isPoisson(value); break;
            case "--drain": drainMs = number(value, 0); break;
            default: throw new IllegalArgumentException("unknown option '" + name + "'");
        }
    }

    private static Operation operationNamed(String name) {
        switch (name) {
            case "get": return Operation.GET;
            case "set": return Operation.SET;
            case "exists": return Operation.EXISTS;
            case "create": return Operation.CREATE;
            case "getChildren": return Operation.GET_CHILDREN;
            case "multi": return Operation.MULTI;
            case "mixed": return Operation.MIXED;
            default: throw new IllegalArgumentException("unknown operation '" + name + "'");
        }
    }

    private static boolean isPoisson(String arrivals) {
        if (arrivals.equals("poisson")) return true;
        if (arrivals.equals("constant")) return false;
        throw new IllegalArgumentException("unknown arrivals '" + arrivals + "'");
    }

    private static double number(String text, double min) {
        try {
            double value = Double.parseDouble(text);
            if (value >= min && !Double.isInfinite(value)) return value;
        } catch (NumberFormatException wrong) {
            // Said below.
        }
        throw new IllegalArgumentException("no number as it is wanted: '" + text + "'");
    }
}
