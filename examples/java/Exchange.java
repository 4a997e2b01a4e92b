import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.util.Base64;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * One concern there and back, by the Connect protocol with JSON: submit it, receive it, confirm it,
 * acknowledge it. Nothing but the JDK (17 or later).
 *
 * <p>usage: java Exchange.java BROKER SENDER RECEIVER DESK CONCERN.json STATE (see ../README.md).
 *
 * <p>Started again after a crash at any point it sends nothing twice and loses nothing.
 */
public final class Exchange {
    private static final Duration CALL = Duration.ofSeconds(20);
    private static final int ATTEMPTS = 8;

    /** What the broker, or the way to it, answered instead of a result. */
    private static final class Refused extends Exception {
        private static final long serialVersionUID = 1;
        final int number;
        final boolean repeat;
        final String words;

        /** By the broker, in JSON: its number, and whether the same call may help later. */
        Refused(String json) {
            super(json);
            number = Integer.parseInt(member(json, "number", "0"));
            repeat = json.contains("\"retryable\":true");
            words = member(json, "message", "");
        }

        /** The connection was lost: nobody knows what became of the call, so repeat it. */
        Refused(IOException lost) {
            super(lost);
            number = 0;
            repeat = true;
            words = String.valueOf(lost.getMessage());
        }
    }

    private interface Call<T> {
        T make() throws Refused, InterruptedException;
    }

    private final HttpClient http;
    private final String base;

    private Exchange(String broker, Path folder) throws Exception {
        base = "https://" + broker + "/cairn.v1.Exchange/";
        http = HttpClient.newBuilder().sslContext(mutualTls(folder)).connectTimeout(CALL).build();
    }

    /** A member of a JSON text whose name stands there once. A program of yours has a library. */
    private static String member(String json, String name, String otherwise) {
        Matcher found = Pattern.compile("\"" + name + "\": ?(\"((?:[^\"\\\\]|\\\\.)*)\"|\\d+)").matcher(json);
        if (!found.find()) return otherwise;
        return found.group(2) != null ? found.group(2) : found.group(1);
    }

    private static byte[] pem(Path file) throws IOException {
        String text = Files.readString(file).replaceAll("-----[A-Z ]+-----", "");
        return Base64.getMimeDecoder().decode(text);
    }

    private static Certificate certificate(Path file) throws Exception {
        try (InputStream in = Files.newInputStream(file)) {
            return CertificateFactory.getInstance("X.509").generateCertificate(in);
        }
    }

    private static SSLContext mutualTls(Path folder) throws Exception {
        KeyStore own = KeyStore.getInstance("PKCS12");
        own.load(null, null);
        var key = KeyFactory.getInstance("EC").generatePrivate(
            new PKCS8EncodedKeySpec(pem(folder.resolve("client.key"))));
        Certificate[] chain = {certificate(folder.resolve("client.pem"))};
        own.setKeyEntry("client", key, new char[0], chain);
        KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
        keys.init(own, new char[0]);
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("authority", certificate(folder.resolve("authority.pem")));
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLSv1.3");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }

    private String call(String operation, String json) throws Refused, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(base + operation)).timeout(CALL)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(json)).build();
        try {
            HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
            if (answer.statusCode() == 200) return answer.body();
            throw new Refused(answer.body());
        } catch (IOException lost) {
            throw new Refused(lost);
        }
    }

    /** Doubling from 0.2 s to 30 s, and never all clients at one time. */
    private static void pause(int attempt, Refused why) throws InterruptedException {
        System.err.println("trying again: " + why.words);
        double most = Math.min(30_000, 200 * Math.pow(2, attempt));
        Thread.sleep((long) (most * ThreadLocalRandom.current().nextDouble(0.5, 1)));
    }

    private static <T> T repeated(Call<T> call) throws Refused, InterruptedException {
        for (int attempt = 0; ; ++attempt) {
            try {
                return call.make();
            } catch (Refused why) {
                if (!why.repeat || attempt + 1 == ATTEMPTS) throw why;
                pause(attempt, why);
            }
        }
    }

    private static void replace(Path file, String text) throws IOException {
        Path draft = file.resolveSibling(file.getFileName() + ".draft");
        Files.writeString(draft, text);
        Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
    }

    /**
     * The key is on disk before the first try: a repeat of it answers with the same receipt, and a
     * concern is never there twice, however often the connection breaks.
     */
    private String submit(String concern, Path state, String name) throws Exception {
        Path key = state.resolve(name + ".key");
        if (!Files.exists(key)) replace(key, UUID.randomUUID().toString());
        String request = "{\"key\":\"" + Files.readString(key) + "\",\"concern\":" + concern + "}";
        String answer = repeated(() -> call("Submit", request));
        replace(state.resolve(name + ".json"), answer);
        return answer;
    }

    /** One message of a stream: a byte of flags, four of length, JSON. Null at its end. */
    private static String message(InputStream in) throws IOException, Refused {
        byte[] head = in.readNBytes(5);
        if (head.length < 5) throw new IOException("the stream ended early");
        byte[] body = in.readNBytes(ByteBuffer.wrap(head, 1, 4).getInt());
        String json = new String(body, StandardCharsets.UTF_8);
        if ((head[0] & 2) == 0) return json;
        if (json.contains("\"error\"")) throw new Refused(json);
        return null;
    }

    private InputStream open(String desk, String after) throws Refused, InterruptedException {
        byte[] json = ("{\"desk\":\"" + desk + "\",\"after\":\"" + after + "\"}")
            .getBytes(StandardCharsets.UTF_8);
        byte[] framed = ByteBuffer.allocate(5 + json.length).put((byte) 0).putInt(json.length).put(json).array();
        HttpRequest request = HttpRequest.newBuilder(URI.create(base + "Receive"))
            .header("Content-Type", "application/connect+json")
            .POST(HttpRequest.BodyPublishers.ofByteArray(framed)).build();
        try {
            HttpResponse<InputStream> answer = http.send(request, HttpResponse.BodyHandlers.ofInputStream());
            if (answer.statusCode() == 200) return answer.body();
            throw new Refused(new String(answer.body().readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException lost) {
            throw new Refused(lost);
        }
    }

    private void confirm(String desk, String position) throws Refused, InterruptedException {
        repeated(() -> call("Confirm",
            "{\"desk\":\"" + desk + "\",\"positions\":[\"" + position + "\"]}"));
    }

    /** Stores what comes, confirms what is stored, until the concern's notice is there. */
    private String receive(String desk, String concern, Path state) throws Exception {
        try (DirectoryStream<Path> stored = Files.newDirectoryStream(state, "[0-9]*.json")) {
            for (Path file : stored) {
                if (!member(Files.readString(file), "concernId", "").equals(concern)) continue;
                // An earlier run stored it, and may have ended before it confirmed: a repeat does no harm.
                String position = file.getFileName().toString().replace(".json", "");
                confirm(desk, position);
                return position;
            }
        }
        Path reached = state.resolve("position");
        for (int attempt = 0; ; ++attempt) {
            String after = Files.exists(reached) ? Files.readString(reached) : "0";
            try (InputStream stream = open(desk, after)) {
                for (String delivery; (delivery = message(stream)) != null; attempt = 0) {
                    String position = member(delivery, "position", "");
                    // Stored first, confirmed second: a crash in between brings it again.
                    if (!delivery.contains("\"withdrawn\":true"))
                        replace(state.resolve(position + ".json"), delivery);
                    confirm(desk, position);
                    replace(reached, position);
                    if (member(delivery, "concernId", "").equals(concern)) return position;
                }
            } catch (IOException lost) {
                Refused why = new Refused(lost);
                if (attempt + 1 == ATTEMPTS) throw why;
                pause(attempt, why);
            } catch (Refused why) {
                if (!why.repeat || attempt + 1 == ATTEMPTS) throw why;
                pause(attempt, why);
            }
        }
    }

    /** A named person has read it: this meets the obligation, the confirmation did not. */
    private static String acknowledgement(String concern, String thread) {
        return "{\"purpose\":\"PURPOSE_FEEDBACK\",\"bases\":[\"LAWFUL_BASIS_6E\"],"
            + "\"acting\":{\"role\":\"duty social worker\",\"staffId\":\"nc-204\",\"authenticatedBy\":\"entra-mfa\"},"
            + "\"thread\":\"" + thread + "\",\"inReplyTo\":\"" + concern + "\",\"acknowledgement\":{}}";
    }

    public static void main(String[] args) throws Exception {
        if (args.length != 6) {
            System.err.println("usage: java Exchange.java BROKER SENDER RECEIVER DESK CONCERN.json STATE");
            System.exit(64);
        }
        Path state = Files.createDirectories(Path.of(args[5]));
        String desk = args[3];
        String concern = Files.readString(Path.of(args[4]));
        Exchange school = new Exchange(args[0], Path.of(args[1]));
        Exchange council = new Exchange(args[0], Path.of(args[2]));

        String sent = school.submit(concern, state, "concern");
        String id = member(sent, "concernId", "");
        String position = council.receive(desk, id, state);
        council.submit(acknowledgement(id, member(sent, "thread", "")), state, "acknowledgement");
        String track = repeated(() -> school.call("Track", "{\"concernId\":\"" + id + "\"}"));
        boolean read = track.contains("\"acknowledgedAtUs\"");

        int number = 0;
        String words = "";
        try {
            school.call("Submit", "{\"key\":\"" + UUID.randomUUID() + "\",\"concern\":{\"purpose\":\"PURPOSE_S47\"}}");
        } catch (Refused why) {
            // By number, never by words: the text may improve.
            number = why.number;
            words = why.words;
        }
        System.out.println("{\"concernId\":\"" + id + "\",\"position\":\"" + position
            + "\",\"acknowledged\":[" + (read ? "\"" + desk + "\"" : "") + "],\"refusedNumber\":" + number
            + ",\"refusedWords\":\"" + words + "\"}");
        // The client's threads would keep the program.
        System.exit(0);
    }
}
