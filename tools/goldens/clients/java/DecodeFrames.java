import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInput;
import java.io.DataInputStream;
import java.io.DataOutput;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.jute.BinaryInputArchive;
import org.apache.jute.BinaryOutputArchive;
import org.apache.jute.Record;
import org.apache.zookeeper.MultiResponse;
import org.apache.zookeeper.OpResult;
import org.apache.zookeeper.proto.*;

/**
 * Decodes frames with Apache's own classes. Standard input: one frame a line, `KIND OP HEX` with KIND
 * one of creq, cresp, req, resp, OP a number (0 for a handshake) and HEX the frame with its length.
 * Standard output, one line each: JSON with `type`, `header`, `record`, `readOnly` (handshakes that
 * have it), `reencodes` (whether Apache's serializer, with strings in UTF-8, writes the same bytes again)
 * and `rest` (bytes after the record).
 */
public final class DecodeFrames {
    private static final int SASL = 102;
    private static final Map<Integer, String> REQUESTS = new HashMap<>();
    private static final Map<Integer, String> RESPONSES = new HashMap<>();

    private static final Map<Integer, String> MULTI_REQUESTS = new HashMap<>();

    private static void operation(int op, String request, String response) {
        REQUESTS.put(op, request);
        RESPONSES.put(op, response);
    }

    static {
        operation(0, null, "WatcherEvent");
        operation(1, "CreateRequest", "CreateResponse");
        operation(2, "DeleteRequest", null);
        operation(3, "ExistsRequest", "ExistsResponse");
        operation(4, "GetDataRequest", "GetDataResponse");
        operation(5, "SetDataRequest", "SetDataResponse");
        operation(6, "GetACLRequest", "GetACLResponse");
        operation(7, "SetACLRequest", "SetACLResponse");
        operation(8, "GetChildrenRequest", "GetChildrenResponse");
        operation(9, "SyncRequest", "SyncResponse");
        operation(11, null, null);
        operation(12, "GetChildren2Request", "GetChildren2Response");
        operation(14, "MultiOperationRecord", "MultiResponse");
        operation(15, "CreateRequest", "Create2Response");
        operation(16, "ReconfigRequest", "GetDataResponse");
        operation(17, "CheckWatchesRequest", null);
        operation(18, "RemoveWatchesRequest", null);
        operation(19, "CreateRequest", "Create2Response");
        operation(21, "CreateTTLRequest", "Create2Response");
        operation(22, "MultiOperationRecord", "MultiResponse");
        operation(100, "AuthPacket", null);
        operation(101, "SetWatches", null);
        operation(SASL, "GetSASLRequest", "SetSASLResponse");
        operation(103, "GetEphemeralsRequest", "GetEphemeralsResponse");
        operation(104, "GetAllChildrenNumberRequest", "GetAllChildrenNumberResponse");
        operation(105, "SetWatches2", null);
        operation(106, "AddWatchRequest", "ErrorResponse");
        operation(107, null, "WhoAmIResponse");
        operation(-11, null, null);
        MULTI_REQUESTS.putAll(REQUESTS);
        MULTI_REQUESTS.put(13, "CheckVersionRequest");
    }

    /**
     * Apache's reader, but for surrogates: Apache's writer encodes each on its own (CESU-8), which its
     * reader then takes for damage. This one gives back the text that was written.
     */
    private static final class Archive extends BinaryInputArchive {
        private final DataInput in;

        Archive(DataInput in) {
            super(in);
            this.in = in;
        }

        @Override
        public String readString(String tag) throws IOException {
            int length = in.readInt();
            if (length == -1) return null;
            byte[] bytes = new byte[length];
            in.readFully(bytes);
            String text = new String(bytes, StandardCharsets.UTF_8);
            if (text.indexOf('\ufffd') < 0) return text;
            try {
                return Charset.forName("CESU-8").newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
            } catch (CharacterCodingException error) {
                return text;
            }
        }
    }

    /** Apache's writer, but for surrogates: this one writes UTF-8, as everybody but Apache's Java does. */
    private static final class Utf8Archive extends BinaryOutputArchive {
        private final DataOutput out;

        Utf8Archive(DataOutput out) {
            super(out);
            this.out = out;
        }

        @Override
        public void writeString(String text, String tag) throws IOException {
            byte[] bytes = text == null ? null : text.getBytes(StandardCharsets.UTF_8);
            out.writeInt(bytes == null ? -1 : bytes.length);
            if (bytes != null) out.write(bytes);
        }
    }

    private final String kind;
    private final int op;
    private final byte[] frame;
    private final DataInputStream in;
    private final Archive archive;
    private final ByteArrayOutputStream again = new ByteArrayOutputStream();
    private final BinaryOutputArchive output = new Utf8Archive(new DataOutputStream(again));
    private final List<String> fields = new ArrayList<>();

    private DecodeFrames(String kind, int op, byte[] frame) {
        this.kind = kind;
        this.op = op;
        this.frame = frame;
        in = new DataInputStream(new ByteArrayInputStream(frame));
        archive = new Archive(in);
    }

    private String decode() throws Exception {
        int length = in.readInt();
        if (length != frame.length - 4) throw new IOException("not one whole frame");
        output.writeInt(length, "len");
        switch (kind) {
            case "creq":
                record("ConnectRequest");
                readOnly();
                break;
            case "cresp":
                if (length == 16) header(new ReplyHeader());
                else {
                    record("ConnectResponse");
                    readOnly();
                }
                break;
            case "req":
                header(new RequestHeader());
                body(REQUESTS.get(op));
                break;
            case "resp":
                ReplyHeader header = new ReplyHeader();
                header(header);
                // A refused SASL token is answered with an error and, unlike any other error, with a body.
                if (header.getErr() == 0 || (op == SASL && in.available() > 0)) body(RESPONSES.get(op));
                break;
            default:
                throw new IOException("unknown kind " + kind);
        }
        fields.add("\"rest\":" + in.available());
        fields.add("\"reencodes\":" + Arrays.equals(frame, again.toByteArray()));
        return "{" + String.join(",", fields) + "}";
    }

    private void header(Record header) throws Exception {
        header.deserialize(archive, "header");
        header.serialize(output, "header");
        fields.add("\"header\":" + JuteJson.of(header));
    }

    private void readOnly() throws IOException {
        if (in.available() == 0) return;
        boolean readOnly = archive.readBool("readOnly");
        output.writeBool(readOnly, "readOnly");
        fields.add("\"readOnly\":" + readOnly);
    }

    private void body(String type) throws Exception {
        if (type == null) return;
        if (type.equals("MultiOperationRecord")) multiRequest();
        else if (type.equals("MultiResponse")) multiResponse();
        else record(type);
    }

    private void record(String type) throws Exception {
        Record record = newRecord(type);
        record.deserialize(archive, "record");
        record.serialize(output, "record");
        add(type, JuteJson.of(record));
    }

    private void add(String type, String json) {
        fields.add("\"type\":\"" + type + "\"");
        fields.add("\"record\":" + json);
    }

    /** Header by header: Apache's MultiOperationRecord takes a create2 for a create. */
    private void multiRequest() throws Exception {
        List<String> ops = new ArrayList<>();
        for (;;) {
            MultiHeader header = new MultiHeader();
            header.deserialize(archive, "header");
            // Always -1 in a request; not in the value, so it must not be anything else.
            if (header.getErr() != -1) throw new IOException("err " + header.getErr() + " in a request");
            header.serialize(output, "header");
            if (header.getDone()) break;
            Record request = newRecord(MULTI_REQUESTS.get(header.getType()));
            request.deserialize(archive, "request");
            request.serialize(output, "request");
            ops.add("{\"op\":" + header.getType() + ",\"request\":" + JuteJson.of(request) + "}");
        }
        add("MultiOperationRecord", ops.toString());
    }

    private static Record newRecord(String type) throws Exception {
        Class<?> named = Class.forName("org.apache.zookeeper.proto." + type);
        return (Record) named.getDeclaredConstructor().newInstance();
    }

    private void multiResponse() throws Exception {
        MultiResponse multi = new MultiResponse();
        multi.deserialize(archive, "multi");
        multi.serialize(output, "multi");
        List<String> results = new ArrayList<>();
        for (OpResult one : multi) results.add("{\"op\":" + one.getType() + result(one) + "}");
        add("MultiResponse", results.toString());
    }

    private static String result(OpResult result) throws Exception {
        if (result instanceof OpResult.CreateResult) {
            OpResult.CreateResult create = (OpResult.CreateResult) result;
            String path = ",\"path\":" + JuteJson.of(create.getPath());
            return create.getStat() == null ? path : path + ",\"stat\":" + JuteJson.of(create.getStat());
        }
        if (result instanceof OpResult.SetDataResult) {
            return ",\"stat\":" + JuteJson.of(((OpResult.SetDataResult) result).getStat());
        }
        if (result instanceof OpResult.GetChildrenResult) {
            return ",\"children\":" + JuteJson.of(((OpResult.GetChildrenResult) result).getChildren());
        }
        if (result instanceof OpResult.GetDataResult) {
            OpResult.GetDataResult data = (OpResult.GetDataResult) result;
            return ",\"data\":" + JuteJson.of(data.getData()) + ",\"stat\":" + JuteJson.of(data.getStat());
        }
        if (result instanceof OpResult.ErrorResult) {
            return ",\"err\":" + ((OpResult.ErrorResult) result).getErr();
        }
        return "";
    }

    public static void main(String[] arguments) throws Exception {
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            String[] parts = line.split(" ");
            String json;
            try {
                json = new DecodeFrames(parts[0], Integer.parseInt(parts[1]), JuteJson.bytes(parts[2])).decode();
            } catch (Exception error) {
                json = "{\"failure\":" + JuteJson.of(error.toString()) + "}";
            }
            System.out.println(json);
        }
    }
}
