//! TLS: versions, certificates, clocks.

use crate::script::faults;

faults! {
    a_certificate_that_is_sound: "
        server serves tls 10.77.1.10:993
        client asks imaps://10.77.1.10:993 => reachable (certain), works";

    a_web_page_inside_tls: "
        server serves tls:web 10.77.1.10:8443
        client asks https://10.77.1.10:8443 => reachable (certain), works";

    tls_to_a_port_without_tls: "
        server serves http:400 10.77.1.10:8443
        client asks https://10.77.1.10:8443 => tls-to-plain-port (certain)";

    plain_text_to_a_port_with_tls: "
        server serves tls 10.77.1.10:8080
        client asks http://10.77.1.10:8080 => plain-to-tls-port (certain)";

    a_certificate_that_has_expired: "
        server serves tls:expired 10.77.1.10:993
        client asks imaps://10.77.1.10:993 => certificate-expired (certain)";

    a_certificate_of_the_future: "
        server serves tls:future 10.77.1.10:993
        client asks imaps://10.77.1.10:993 => certificate-not-yet-valid (likely)";

    a_clock_here_that_is_behind_the_servers: "
        server serves tls:tomorrow 10.77.1.10:8443
        client asks https://10.77.1.10:8443 => clock-wrong (likely)";

    a_certificate_for_another_name: "
        server serves tls:other-name 10.77.1.10:993
        client asks imaps://10.77.1.10:993 => certificate-name-mismatch (certain)";

    a_certificate_that_signed_itself: "
        server serves tls:self-signed 10.77.1.10:993
        client asks imaps://10.77.1.10:993 => certificate-untrusted (certain)";

    a_certificate_of_a_foreign_authority: "
        server serves tls:foreign 10.77.1.10:993
        client asks imaps://10.77.1.10:993 => certificate-untrusted (likely)";

    a_server_that_wants_a_client_certificate: "
        server serves tls:mutual 10.77.1.10:993
        client asks imaps://10.77.1.10:993 => client-certificate-required (certain)";

    a_server_that_speaks_only_old_tls: "
        server serves tls:old 10.77.1.10:993
        client asks imaps://10.77.1.10:993 => tls-version-unsupported (certain)";

    a_server_that_hangs_up_on_a_hello: "
        server serves tls:closes 10.77.1.10:993
        client asks imaps://10.77.1.10:993 => tls-to-plain-port|server-resets|forwarder-without-backend (possible)";

    a_server_that_keeps_silent_on_a_hello: "
        server serves tls:mute 10.77.1.10:993
        client asks imaps://10.77.1.10:993 => server-hung (likely)";
}
