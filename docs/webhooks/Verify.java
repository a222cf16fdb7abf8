import java.security.MessageDigest;
import java.util.Base64;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Whether a webhook comes from us, by Java's standard library alone. */
final class Verify {
    static final long TOLERANCE_SECONDS = 300;

    /** The raw body, before any JSON parser; names of headers in lower case. */
    static boolean verify(String secret, Map<String, String> headers, byte[] body)
            throws Exception {
        String id = headers.getOrDefault("webhook-id", "");
        String timestamp = headers.getOrDefault("webhook-timestamp", "");
        if (!timestamp.matches("[0-9]{1,15}")) return false;
        long age = System.currentTimeMillis() / 1000 - Long.parseLong(timestamp);
        if (Math.abs(age) > TOLERANCE_SECONDS) return false;
        byte[] key = Base64.getDecoder().decode(secret.replaceFirst("^whsec_", ""));
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        mac.update((id + "." + timestamp + ".").getBytes("UTF-8"));
        String signature = Base64.getEncoder().encodeToString(mac.doFinal(body));
        byte[] expected = ("v1," + signature).getBytes("UTF-8");
        boolean verified = false;
        for (String given : headers.getOrDefault("webhook-signature", "").split(" "))
            verified |= MessageDigest.isEqual(given.getBytes("UTF-8"), expected);
        return verified;
    }
}
