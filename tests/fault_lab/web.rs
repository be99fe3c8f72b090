//! What a web server answers.

use crate::script::faults;

faults! {
    a_web_page: "
        server serves http:200 10.77.1.10:8080
        client asks http://10.77.1.10:8080 => reachable (certain), works";

    a_web_page_that_is_missing: "
        server serves http:404 10.77.1.10:8080
        client asks http://10.77.1.10:8080 => reachable (likely), works";

    a_web_page_for_who_signs_in: "
        server serves http:401 10.77.1.10:8080
        client asks http://10.77.1.10:8080 => reachable (likely), works";

    a_web_application_with_an_error: "
        server serves http:500 10.77.1.10:8080
        client asks http://10.77.1.10:8080 => http-error (certain)";

    a_web_server_that_forbids: "
        server serves http:403 10.77.1.10:8080
        client asks http://10.77.1.10:8080 => reachable (likely), works";

    a_gateway_without_a_backend: "
        server serves http:502 10.77.1.10:8080
        client asks http://10.77.1.10:8080 => backend-down (certain)";

    a_gateway_in_maintenance: "
        server serves http:503 10.77.1.10:8080
        client asks http://10.77.1.10:8080 => backend-down (likely)";

    a_gateway_that_waits_in_vain: "
        server serves http:504 10.77.1.10:8080
        client asks http://10.77.1.10:8080 => backend-timeout (certain)";

    a_network_that_wants_a_login: "
        server serves http:511 10.77.1.10:8080
        client asks http://10.77.1.10:8080 => captive-portal (certain)";

    a_server_that_does_not_serve_this_name: "
        server serves http:421 10.77.1.10:8080
        client asks http://10.77.1.10:8080 => host-header-rejected (likely)";

    a_development_server_that_knows_only_localhost: "
        server serves dns 10.77.1.10:53
        server serves for-localhost 10.77.1.10:8080
        client asks http://db.lab.test:8080 => host-header-rejected (certain)";

    a_redirect_to_the_same_site: "
        server serves redirects:https://10.77.1.10/ 10.77.1.10:8080
        client asks http://10.77.1.10:8080 => reachable (likely), works";
}
