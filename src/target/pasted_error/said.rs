//! What an error message said: the class of failure and its code.
//!
//! Numbers and symbols are trusted first, names of exceptions and English words next, words of
//! other languages last. A number belongs to the system that printed it: 61 is a refusal on macOS
//! only, 111 on Linux only, 10061 on Windows only, so all of them are read side by side.

use std::sync::LazyLock;

use regex::Regex;
use unicode_normalization::UnicodeNormalization as _;

use super::detail;
use super::pattern::Pattern;
use crate::target::{Said, SaidKind};
use SaidKind::{
    AddrInUse, Closed, Denied, DnsFail, HostUnreach, NetUnreach, NxDomain, Other, Refused, Reset,
    Timeout, Tls,
};

/// What one line says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clue {
    /// How far it is to be trusted; the first is the best.
    pub trust: Trust,
    /// What was said.
    pub said: Said,
}

/// What a clue rests on, the most reliable first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trust {
    /// An error symbol of a system, or a browser's.
    Symbol,
    /// An error number of a system.
    Number,
    /// The name of an exception or English words.
    Words,
    /// A program's own exit code.
    ToolCode,
    /// Words of another language.
    Translation,
    /// A code that hides the reason.
    Hidden,
    /// Only a sign that something failed.
    Marker,
}

/// Reads a line; `lower` is the same line in ASCII lower case.
pub fn clue(line: &str, lower: &str) -> Option<Clue> {
    // Test-NetConnection tells of an echo request, not of the connection.
    if lower.contains("ping to ") {
        return Some(found(Trust::Marker, Other, None));
    }
    if let Some((kind, code)) = symbol(line) {
        return Some(found(Trust::Symbol, kind, code));
    }
    if let Some((kind, code)) = number(line, lower) {
        return Some(found(Trust::Number, kind, code));
    }
    let tool = tool_code(line, lower);
    if let Some(kind) = words(lower) {
        let code = tool.map(|(_, code)| code).or_else(|| known_code(lower));
        return Some(found(Trust::Words, kind, code));
    }
    if let Some((Some(kind), code)) = tool {
        return Some(found(Trust::ToolCode, kind, Some(code)));
    }
    if let Some(kind) = translation(line) {
        return Some(found(Trust::Translation, kind, tool.map(|(_, code)| code)));
    }
    if let Some((_, code)) = tool {
        return Some(found(Trust::Hidden, Other, Some(code)));
    }
    if detail::in_line(lower).is_some() {
        return Some(found(Trust::Words, Other, None));
    }
    let marked = MARKERS.iter().any(|marker| lower.contains(marker));
    marked.then(|| found(Trust::Marker, Other, None))
}

/// Words that make a line worth reading, in lower case.
pub fn signals() -> impl Iterator<Item = &'static str> {
    let words = WORDS.iter().map(|(word, _)| *word);
    let shapes = NUMBERS.iter().map(|pattern| pattern.needle);
    let tools = TOOL_CODES.iter().map(|pattern| pattern.needle);
    let translations = TRANSLATIONS
        .iter()
        .flat_map(|(_, words)| words.iter().copied());
    let symbols = [
        "econn",
        "etimedout",
        "unreach",
        "enotfound",
        "eai_",
        "err_",
        "dns_probe",
        "wsae",
    ];
    words
        .chain(shapes)
        .chain(tools)
        .chain(translations)
        .chain(symbols)
        .chain(detail::signals())
}

/// The meaning of a symbol such as `ECONNREFUSED` or `ERR_CONNECTION_REFUSED`, and its code as
/// people know it.
pub fn meaning_of_symbol(word: &str) -> Option<(SaidKind, Option<String>)> {
    if let Some((_, kind, number)) = BROWSER.iter().find(|(name, _, _)| *name == word) {
        return Some((*kind, number.map(|number| number.to_string())));
    }
    let upper = word.to_ascii_uppercase();
    let bare = upper.strip_prefix("WSA").unwrap_or(&upper);
    if word.bytes().any(|byte| byte.is_ascii_lowercase()) && word != upper.to_ascii_lowercase() {
        return None;
    }
    if let Some((_, kind)) = SYMBOLS.iter().find(|(name, _)| *name == bare) {
        return Some((*kind, Some(word.to_owned())));
    }
    let starts = |prefixes: &[&str]| prefixes.iter().any(|prefix| word.starts_with(prefix));
    if starts(&["DNS_PROBE_"]) {
        Some((DnsFail, None))
    } else if starts(&[
        "ERR_SSL_",
        "ERR_CERT_",
        "ERR_TLS_",
        "SSL_ERROR_",
        "SEC_ERROR_",
        "MOZILLA_PKIX_",
    ]) {
        Some((Tls, Some(word.to_owned())))
    } else if starts(&["ERR_"]) && word.len() > 6 {
        Some((Other, Some(word.to_owned())))
    } else {
        None
    }
}

fn found(trust: Trust, kind: SaidKind, code: Option<String>) -> Clue {
    let said = Said {
        kind,
        code,
        detail: None,
    };
    Clue { trust, said }
}

fn symbol(line: &str) -> Option<(SaidKind, Option<String>)> {
    line.split(|character: char| !(character.is_ascii_alphanumeric() || character == '_'))
        .filter(|word| {
            word.len() > 4 && word.starts_with(['E', 'e', 'W', 'D', 'N', 'S', 'M', 'C', 'U'])
        })
        .find_map(meaning_of_symbol)
        .map(|(kind, code)| match code.as_deref() {
            Some("CERTIFICATE_VERIFY_FAILED") => (kind, x509_number(line).or(code)),
            Some(_) | None => (kind, code),
        })
}

/// OpenSSL's verify codes, by the words it has for them in every language.
fn x509_number(line: &str) -> Option<String> {
    let number = match line {
        _ if line.contains("not yet valid") => 9,
        _ if line.contains("has expired") => 10,
        _ if line.contains("self-signed certificate in") => 19,
        _ if line.contains("self signed certificate in") => 19,
        _ if line.contains("self-signed certificate") => 18,
        _ if line.contains("self signed certificate") => 18,
        _ if line.contains("local issuer certificate") => 20,
        _ if line.contains("ostname mismatch") => 62,
        _ => return None,
    };
    Some(number.to_string())
}

fn number(line: &str, lower: &str) -> Option<(SaidKind, Option<String>)> {
    for pattern in &NUMBERS {
        let Some(regex) = pattern.in_line(lower) else {
            continue;
        };
        for captures in regex.captures_iter(line) {
            let Some(digits) = captures.get(1) else {
                continue;
            };
            if pattern.needle == "error:8000" {
                let kind = u16::from_str_radix(digits.as_str(), 16).ok();
                let kind = kind.and_then(|code| meaning(i32::from(code), false));
                let shown = digits.as_str().trim_start_matches('0');
                return kind.map(|kind| (kind, Some(format!("0x{shown}"))));
            }
            let about_names = ["gaierror", "getaddrinfo", "resol", "server host"]
                .iter()
                .any(|word| lower.contains(word));
            let number = digits.as_str().parse().ok();
            if let Some(kind) = number.and_then(|number| meaning(number, about_names)) {
                return Some((kind, Some(digits.as_str().to_owned())));
            }
        }
    }
    windows_number(line)
}

/// Windows numbers its socket errors from 10000; such a number needs no shape around it, unless
/// it stands where a port stands.
fn windows_number(line: &str) -> Option<(SaidKind, Option<String>)> {
    if !line.contains("10") && !line.contains("11") {
        return None;
    }
    let bytes = line.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let length = bytes[at..]
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        if length == 5 {
            let before = line[..at].trim_end();
            let stands_apart = !before.ends_with([':', '.', '='])
                && !ends_with_port(before)
                && !line[..at].ends_with(|last: char| last.is_alphanumeric());
            let digits = &line[at..at + length];
            if stands_apart
                && let Some(kind) = digits.parse().ok().and_then(|code| meaning(code, false))
            {
                return Some((kind, Some(digits.to_owned())));
            }
        }
        at += length.max(1);
    }
    None
}

fn ends_with_port(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() >= 4 && bytes[bytes.len() - 4..].eq_ignore_ascii_case(b"port")
}

/// The class of an error number, whichever system it comes from.
fn meaning(number: i32, about_names: bool) -> Option<SaidKind> {
    Some(match number {
        // getaddrinfo: EAI_NONAME, EAI_AGAIN, EAI_FAIL, EAI_NODATA; on macOS EAI_NONAME is 8.
        -2 | 11001 => NxDomain,
        8 if about_names => NxDomain,
        -3 | -4 | -5 | 11002..=11004 => DnsFail,
        // libuv's own numbers on Windows and for names.
        -3008 => NxDomain,
        -3001 => DnsFail,
        -4078 => Refused,
        -4039 => Timeout,
        -4077 => Reset,
        -4062 => NetUnreach,
        -4091 => AddrInUse,
        -4092 | -4048 => Denied,
        // Linux (negative in Node), macOS and the BSDs, Windows.
        111 | -111 | 61 | -61 | 10061 => Refused,
        110 | -110 | 60 | -60 | 10060 => Timeout,
        113 | -113 | 65 | -65 | 10065 | 112 | 64 | 10064 => HostUnreach,
        101 | -101 | 51 | -51 | 10051 | 100 | 50 | 10050 => NetUnreach,
        13 | -13 | 1 | -1 | 10013 if !about_names => Denied,
        104 | -104 | 54 | -54 | 10054 => Reset,
        32 | -32 | 103 | 53 | 10053 => Closed,
        98 | -98 | 48 | -48 | 10048 => AddrInUse,
        _ => return None,
    })
}

/// The code of a program that has its own, and what it means when it means one thing.
fn tool_code(line: &str, lower: &str) -> Option<(Option<SaidKind>, String)> {
    TOOL_CODES.iter().find_map(|pattern| {
        let captures = pattern.in_line(lower)?.captures(line)?;
        let code = captures.get(1)?.as_str();
        let kind = match (pattern.needle.starts_with("curl"), code) {
            (true, "5" | "6") => Some(NxDomain),
            (true, "28") => Some(Timeout),
            (true, "35" | "51" | "53" | "54" | "58" | "59" | "60" | "77" | "83" | "90" | "91") => {
                Some(Tls)
            }
            (true, "52") => Some(Closed),
            _ => None,
        };
        Some((kind, code.to_owned()))
    })
}

/// Codes of failures whose message names only the failure.
fn known_code(lower: &str) -> Option<String> {
    lower
        .contains("(attempted address")
        .then(|| "UND_ERR_CONNECT_TIMEOUT".to_owned())
}

fn words(lower: &str) -> Option<SaidKind> {
    WORDS
        .iter()
        .filter(|(word, _)| lower.contains(word))
        .map(|(_, kind)| *kind)
        .find(|kind| {
            // Refused by a login, not by the network.
            *kind != Denied || !(lower.contains("publickey") || lower.contains("password"))
        })
}

fn translation(line: &str) -> Option<SaidKind> {
    let composed: String;
    let line = if line.is_ascii() {
        line
    } else {
        composed = line.nfc().collect();
        &composed
    };
    if !TRANSLATED.is_match(line) {
        return None;
    }
    let lower = line.to_lowercase();
    TRANSLATIONS
        .iter()
        .find(|(_, words)| words.iter().any(|word| lower.contains(word)))
        .map(|(kind, _)| *kind)
}

/// Shapes around error numbers; the first group is the number.
static NUMBERS: [Pattern; 12] = [
    Pattern::new("errno", r"(?i)errno[ :=]{1,2}\[?(-?[0-9]{1,5})\b"),
    Pattern::new("winerror", r"(?i)winerror[ :=]{1,2}([0-9]{1,5})\b"),
    Pattern::new("os error", r"os error (-?[0-9]{1,5})\b"),
    Pattern::new("socketexception (", r"SocketException \(([0-9]{1,5})\)"),
    Pattern::new("code: ", r"code: ([0-9]{1,5}), kind"),
    Pattern::new("connecting to", r"Error (-?[0-9]{1,5}) connecting to"),
    Pattern::new("failed (", r"failed \(([0-9]{2,5}): "),
    Pattern::new("timed out (", r"timed out \(([0-9]{2,5}): "),
    Pattern::new("connect (", r"connect \(([0-9]{2,5}): "),
    Pattern::new("error:8000", r"error:8000([0-9A-Fa-f]{4}):"),
    Pattern::new("server on '", r"server on '[^']*' \(([0-9]{1,5})[ )]"),
    Pattern::new("server host '", r"server host '[^']*' \((-?[0-9]{1,5})\)"),
];

/// Codes of programs; the first group is the code.
static TOOL_CODES: [Pattern; 5] = [
    Pattern::new("curl: (", r"curl: \(([0-9]{1,3})\)"),
    Pattern::new("curl error ", r"(?i)curl error ([0-9]{1,3})\b"),
    Pattern::new("sqlstate[hy000] [", r"SQLSTATE\[HY000\] \[([0-9]{4})\]"),
    Pattern::new("server on '", r"server on '[^']*' \(([0-9]{1,5})[ )]"),
    Pattern::new("socket '", r"socket '[^']*' \(([0-9]{1,5})\)"),
];

/// Chromium's network errors with their numbers.
const BROWSER: &[(&str, SaidKind, Option<i16>)] = &[
    ("ERR_CONNECTION_REFUSED", Refused, Some(-102)),
    ("ERR_CONNECTION_CLOSED", Closed, Some(-100)),
    ("ERR_CONNECTION_RESET", Reset, Some(-101)),
    ("ERR_CONNECTION_ABORTED", Closed, Some(-103)),
    ("ERR_CONNECTION_FAILED", Other, Some(-104)),
    ("ERR_NAME_NOT_RESOLVED", NxDomain, Some(-105)),
    ("ERR_INTERNET_DISCONNECTED", NetUnreach, Some(-106)),
    ("ERR_SSL_PROTOCOL_ERROR", Tls, Some(-107)),
    ("ERR_ADDRESS_INVALID", Other, Some(-108)),
    ("ERR_ADDRESS_UNREACHABLE", HostUnreach, Some(-109)),
    ("ERR_SSL_VERSION_OR_CIPHER_MISMATCH", Tls, Some(-113)),
    ("ERR_CONNECTION_TIMED_OUT", Timeout, Some(-118)),
    ("ERR_PROXY_CONNECTION_FAILED", Refused, Some(-130)),
    ("ERR_NAME_RESOLUTION_FAILED", DnsFail, Some(-137)),
    ("ERR_NETWORK_ACCESS_DENIED", Denied, Some(-138)),
    ("ERR_TIMED_OUT", Timeout, Some(-7)),
    ("ERR_ACCESS_DENIED", Denied, Some(-10)),
    ("ERR_CERT_COMMON_NAME_INVALID", Tls, Some(-200)),
    ("ERR_CERT_DATE_INVALID", Tls, Some(-201)),
    ("ERR_CERT_AUTHORITY_INVALID", Tls, Some(-202)),
    ("ERR_UNSAFE_PORT", Other, Some(-312)),
    ("ERR_EMPTY_RESPONSE", Closed, Some(-324)),
    ("DNS_PROBE_FINISHED_NXDOMAIN", NxDomain, None),
];

/// Symbols of systems and libraries; Windows writes `WSA` before some.
const SYMBOLS: &[(&str, SaidKind)] = &[
    ("ECONNREFUSED", Refused),
    ("ETIMEDOUT", Timeout),
    ("ESOCKETTIMEDOUT", Timeout),
    ("EHOSTUNREACH", HostUnreach),
    ("EHOSTDOWN", HostUnreach),
    ("ENETUNREACH", NetUnreach),
    ("ENETDOWN", NetUnreach),
    ("EACCES", Denied),
    ("EPERM", Denied),
    ("ECONNRESET", Reset),
    ("EPIPE", Closed),
    ("EADDRINUSE", AddrInUse),
    ("ENOTFOUND", NxDomain),
    ("HOST_NOT_FOUND", NxDomain),
    ("EAI_NONAME", NxDomain),
    ("EAI_AGAIN", DnsFail),
    ("EAI_FAIL", DnsFail),
    ("EAI_NODATA", DnsFail),
    ("ESERVFAIL", DnsFail),
    ("EPROTO", Tls),
    ("CERTIFICATE_VERIFY_FAILED", Tls),
    ("CERT_HAS_EXPIRED", Tls),
    ("DEPTH_ZERO_SELF_SIGNED_CERT", Tls),
    ("SELF_SIGNED_CERT_IN_CHAIN", Tls),
    ("UNABLE_TO_VERIFY_LEAF_SIGNATURE", Tls),
    ("UND_ERR_CONNECT_TIMEOUT", Timeout),
    ("UND_ERR_HEADERS_TIMEOUT", Timeout),
    ("UND_ERR_SOCKET", Closed),
    ("NS_ERROR_CONNECTION_REFUSED", Refused),
    ("NS_ERROR_NET_TIMEOUT", Timeout),
    ("NS_ERROR_NET_RESET", Reset),
    ("NS_ERROR_UNKNOWN_HOST", NxDomain),
];

/// Names of exceptions and English words, in lower case; the first that occurs decides.
const WORDS: &[(&str, SaidKind)] = &[
    ("connectionrefused", Refused),
    ("refused", Refused),
    ("noroutetohost", HostUnreach),
    ("no route to host", HostUnreach),
    ("hostunreachable", HostUnreach),
    ("host unreachable", HostUnreach),
    ("host is unreachable", HostUnreach),
    ("unreachable host", HostUnreach),
    ("host is down", HostUnreach),
    ("networkunreachable", NetUnreach),
    ("network is unreachable", NetUnreach),
    ("unreachable network", NetUnreach),
    ("network is down", NetUnreach),
    ("forbidden by its access permissions", Denied),
    ("operation not permitted", Denied),
    ("permission denied", Denied),
    ("connectionreset", Reset),
    ("reset by peer", Reset),
    ("connection reset", Reset),
    ("forcibly closed", Reset),
    ("address already in use", AddrInUse),
    ("port is already allocated", AddrInUse),
    ("only one usage of each socket address", AddrInUse),
    ("port is already in use", AddrInUse),
    ("name or service not known", NxDomain),
    ("nodename nor servname", NxDomain),
    ("no such host", NxDomain),
    ("unknownhost", NxDomain),
    ("unknown host", NxDomain),
    ("unknown server host", NxDomain),
    ("bad hostname", NxDomain),
    ("could not resolve", NxDomain),
    ("couldn't resolve", NxDomain),
    ("unable to resolve host", NxDomain),
    ("name does not resolve", NxDomain),
    ("ip address could not be found", NxDomain),
    ("find the server at", NxDomain),
    ("temporary failure in name resolution", DnsFail),
    ("no address associated with", DnsFail),
    ("server misbehaving", DnsFail),
    ("nameresolution", DnsFail),
    ("gaierror", DnsFail),
    ("failed to resolve", DnsFail),
    ("tls handshake timeout", Timeout),
    ("certificate", Tls),
    ("sslhandshake", Tls),
    ("sslerror", Tls),
    ("ssl routines", Tls),
    ("ssl_error_syscall", Tls),
    ("handshake failure", Tls),
    ("handshake failed", Tls),
    ("wrong version number", Tls),
    ("record overflow", Tls),
    ("x509", Tls),
    ("timed out", Timeout),
    ("timedout", Timeout),
    ("timeout expired", Timeout),
    ("connect timeout", Timeout),
    ("connection timeout", Timeout),
    ("i/o timeout", Timeout),
    ("deadline exceeded", Timeout),
    ("took too long", Timeout),
    ("connecttimeout", Timeout),
    ("sockettimeout", Timeout),
    ("timeouterror", Timeout),
    ("timeoutexception", Timeout),
    ("readtimeout", Timeout),
    ("empty reply from server", Closed),
    ("unexpectedly closed", Closed),
    ("connection closed", Closed),
    ("closed by", Closed),
    ("closed the connection", Closed),
    ("brokenpipe", Closed),
    ("broken pipe", Closed),
    ("connectionaborted", Closed),
    ("connection aborted", Closed),
    ("remotedisconnected", Closed),
    ("serverdisconnected", Closed),
    ("socket hang up", Closed),
    ("unexpected eof", Closed),
    ("didn't send any data", Closed),
    ("didn’t send any data", Closed),
    // asyncio behind aiohttp and OkHttp name neither number nor reason; both say time-outs otherwise.
    ("[connect call failed", Refused),
    ("connectexception: failed to connect to", Refused),
    // Firefox has one page for every refusal, and another for a time-out.
    ("establish a connection to the server at", Refused),
];

/// Windows, Linux and browsers in other languages, in lower case; the first that occurs decides.
const TRANSLATIONS: &[(SaidKind, &[&str])] = &[
    (
        Denied,
        &[
            "zugriffsrechte",
            "keine berechtigung",
            "autorisations d'accès",
            "autorisations d’accès",
            "permission non accordée",
            "quyền truy cập",
            "quyền truy nhập",
            "không được phép",
            "permisos de acceso",
            "permiso denegado",
            "permissões de acesso",
            "permissão negada",
            "autorizzazioni di accesso",
            "permesso negato",
            "права доступа",
            "правами доступа",
            "отказано в доступе",
            "アクセス許可",
            "许可权",
            "访问权限",
            "权限不够",
            "存取權限",
            "액세스 권한",
            "허가 거부",
        ],
    ),
    (
        AddrInUse,
        &[
            "adresse wird bereits verwendet",
            "nur jeweils einmal verwendet",
            "adresse déjà utilisée",
            "địa chỉ đang được",
            "dirección ya se está usando",
            "endereço já em uso",
            "indirizzo già in uso",
            "адрес уже используется",
            "アドレスは既に使用中",
            "地址已在使用",
            "每个套接字地址",
            "이미 사용 중",
        ],
    ),
    (
        Refused,
        &[
            "verweigerte",
            "verweigert",
            "abgelehnt",
            "refusée",
            "refusé",
            "n’autorise pas la connexion",
            "n'autorise pas la connexion",
            "từ chối",
            "conexión rehusada",
            "rechazada",
            "rechazó",
            "ha rechazado",
            "denegó expresamente",
            "recusada",
            "recusou",
            "rifiutata",
            "rifiuto persistente",
            "отказано",
            "отверг",
            "відмовлено",
            "відхилив",
            "拒否",
            "拒绝",
            "拒絕",
            "거부",
            "odmówi",
            "odmawia",
            "odrzucone",
            "reddedildi",
            "reddetti",
            "geweigerd",
            "odmítnuto",
            "odmítl",
            "ปฏิเสธ",
            "menolak",
        ],
    ),
    (
        HostUnreach,
        &[
            "keine route zum",
            "kein weg zum",
            "aucun chemin d'accès",
            "aucun chemin d’accès",
            "không có đường",
            "không có lộ trình",
            "không có tuyến",
            "ninguna ruta",
            "sem rota",
            "nessun instradamento",
            "нет маршрута",
            "ホストへの経路",
            "没有到主机的路由",
            "沒有路由",
            "호스트로 갈 루트가 없음",
        ],
    ),
    (
        NetUnreach,
        &[
            "netzwerk ist nicht erreichbar",
            "nicht erreichbaren netzwerk",
            "réseau n'est pas accessible",
            "réseau est inaccessible",
            "không tới được mạng",
            "mạng không thể",
            "la red es inaccesible",
            "rede está fora",
            "rete non raggiungibile",
            "сеть недоступна",
            "ネットワークに到達",
            "网络不可达",
            "無法連接網路",
        ],
    ),
    (
        Reset,
        &[
            "zurückgesetzt",
            "vom remotehost geschlossen",
            "réinitialisée",
            "fermée par l'hôte distant",
            "fermée par l’hôte distant",
            "đặt lại",
            "buộc đóng",
            "reinicializada",
            "interrupción forzada",
            "forçado o cancelamento",
            "interrotta dal corrispondente",
            "сброшено",
            "принудительно разорвал",
            "リセット",
            "強制的に切断",
            "重置",
            "强迫关闭",
            "強制關閉",
            "강제로 끊",
        ],
    ),
    (
        NxDomain,
        &[
            "name oder dienst nicht bekannt",
            "host ist unbekannt",
            "nom ou service inconnu",
            "hôte inconnu",
            "tên hoặc dịch vụ",
            "không tìm thấy địa chỉ ip",
            "không tìm thấy máy chủ",
            "không thể phân giải",
            "nombre o servicio desconocido",
            "host desconocido",
            "nome o servizio sconosciuto",
            "nome ou serviço desconhecido",
            "имя или служба не известны",
            "хост неизвестен",
            "名前またはサービスが不明",
            "そのようなホストは不明",
            "未知的名称或服务",
            "不知道这样的主机",
            "호스트를 알 수 없",
            "알려진 호스트가 없",
        ],
    ),
    (
        Timeout,
        &[
            "zeitüberschreitung",
            "nicht richtig reagiert",
            "délai d'attente",
            "délai d’attente",
            "connexion terminée par expiration",
            "répondu convenablement",
            "trop de temps",
            "hết thời gian",
            "quá thời gian",
            "nhiều thời gian",
            "không phản hồi",
            "tiempo de espera",
            "tardado demasiado",
            "no respondió adecuadamente",
            "tempo esgotado",
            "não respondeu",
            "connessione scaduta",
            "non ha risposto",
            "превышено",
            "истекло",
            "время ожидания",
            "нужный отклик",
            "タイムアウト",
            "時間が長すぎ",
            "正しく応答しな",
            "超时",
            "逾時",
            "没有正确答复",
            "시간 초과",
            "시간이 너무",
            "제대로 응답",
        ],
    ),
];

/// All of them in one expression: most lines have none.
static TRANSLATED: LazyLock<Regex> = LazyLock::new(|| {
    let words: Vec<String> = TRANSLATIONS
        .iter()
        .flat_map(|(_, words)| words.iter().map(|word| regex::escape(word)))
        .collect();
    Regex::new(&format!("(?i:{})", words.join("|"))).expect("escaped words always compile")
});

/// Words that only tell that something went wrong.
const MARKERS: &[&str] = &[
    "fail",
    "error",
    "exception",
    "cannot",
    "can't",
    "can’t",
    "unable",
    "could not",
    "couldn't",
    "couldn’t",
    "warning",
    "fatal",
    "traceback",
    "tcptestsucceeded",
    "không thể",
    "không kết nối",
    "không truy cập",
    "không vào",
    "lỗi",
    "fehler",
    "erreur",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn said(line: &str) -> Option<(SaidKind, Option<String>)> {
        clue(line, &line.to_ascii_lowercase()).map(|clue| (clue.said.kind, clue.said.code))
    }

    #[test]
    fn every_shape_compiles() {
        for pattern in NUMBERS.iter().chain(&TOOL_CODES) {
            pattern.regex();
        }
    }

    #[test]
    fn a_windows_number_is_read_in_any_language() {
        let code = Some("10061".to_owned());
        for line in [
            "ConnectionRefusedError: [WinError 10061] Es konnte keine Verbindung hergestellt werden, da der Zielcomputer die Verbindung verweigerte",
            "ConnectionRefusedError: [WinError 10061] Không thể thực hiện kết nối vì máy đích chủ động từ chối",
            "ConnectionRefusedError: [WinError 10061] Aucune connexion n’a pu être établie",
            "SocketException (10061): 対象のコンピューターによって拒否されたため、接続できませんでした。",
            "Ошибка сокета 10061",
            "Socket Error # 10061",
        ] {
            assert_eq!(said(line), Some((Refused, code.clone())), "{line}");
        }
        assert_eq!(
            said("Fehler: [WinError 10060] Zeitüberschreitung")
                .unwrap()
                .0,
            Timeout
        );
    }

    #[test]
    fn a_port_is_never_taken_for_a_windows_number() {
        for line in [
            "db:10061 ok",
            "listening on port 10061",
            "took 110061 ms",
            "10.0.0.1:10061",
        ] {
            assert_eq!(said(line), None, "{line}");
        }
    }

    #[test]
    fn words_of_other_languages_are_the_last_resort() {
        for (line, kind) in [
            (
                "dial tcp 127.0.0.1:80: connectex: Es konnte keine Verbindung hergestellt werden, da der Zielcomputer die Verbindung verweigerte.",
                Refused,
            ),
            ("connexion refusée", Refused),
            ("Kết nối bị từ chối", Refused),
            ("Không thể truy cập vì quyền truy cập bị từ chối", Denied),
            (
                "connect: Connexion terminée par expiration du délai d'attente",
                Timeout,
            ),
            ("соединение отклонено: В соединении отказано", Refused),
            ("没有到主机的路由", HostUnreach),
            ("localhost đã từ chối kết nối.", Refused),
        ] {
            assert_eq!(said(line).map(|said| said.0), Some(kind), "{line}");
        }
    }

    #[test]
    fn a_number_that_hides_the_reason_is_kept_but_not_believed() {
        assert_eq!(
            said("ERROR 2002 (HY000): Can't connect to server on '10.0.0.5' (115)"),
            Some((Other, Some("115".to_owned())))
        );
        assert_eq!(
            said(
                "curl: (7) Failed to connect to 10.0.0.5 port 80 after 0 ms: Couldn't connect to server"
            ),
            Some((Other, Some("7".to_owned())))
        );
        assert_eq!(
            said("curl: (35) Recv failure: Connection reset by peer"),
            Some((Reset, Some("35".to_owned())))
        );
    }

    #[test]
    fn erlang_writes_its_symbols_small() {
        assert_eq!(
            said("{:error, :econnrefused}"),
            Some((Refused, Some("econnrefused".to_owned())))
        );
        assert_eq!(said("Eperm is not a symbol"), None);
    }
}
