#include "transport/proxy.hpp"

#include <algorithm>
#include <charconv>

namespace cairn::transport {
namespace {

constexpr std::size_t head_most = 16 * 1024;
constexpr std::string_view begin = "HTTP/1.";
constexpr std::string_view end = "\r\n\r\n";

bool printable(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

std::string in_brackets(std::string_view host) {
    const bool v6 = host.find(':') != host.npos;
    return v6 ? "[" + std::string(host) + "]" : std::string(host);
}

std::string lower(std::string_view text) {
    std::string out(text);
    for (auto& c : out)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return out;
}

// Whether one of the ways to log in that the proxy offers is Basic.
bool offers_basic(std::string_view head) {
    return lower(head).find("proxy-authenticate: basic") != std::string::npos;
}

failure garbage() {
    return fail(errc::proxy_failed, "its answer is not HTTP");
}

} // namespace

std::string proxy_options::place() const {
    return in_brackets(host) + ":" + std::to_string(port);
}

result<proxy_options> parse_proxy(std::string_view url) {
    const auto bad = [](std::string_view why) {
        return fail(errc::config_bad_value, "proxy: wanted http://host:port" + std::string(why));
    };
    constexpr std::string_view scheme = "http://";
    if (lower(url.substr(0, scheme.size())) != scheme) return bad("");
    url.remove_prefix(scheme.size());
    if (!url.empty() && url.back() == '/') url.remove_suffix(1);
    if (url.find('@') != url.npos) return bad("; name and password go into proxy_auth_file");
    const auto colon = url.rfind(':');
    if (colon == url.npos || colon == 0) return bad("");
    auto host = url.substr(0, colon);
    const auto digits = url.substr(colon + 1);
    proxy_options out;
    const auto [stop, ec] = std::from_chars(digits.data(), digits.data() + digits.size(), out.port);
    if (ec != std::errc() || stop != digits.data() + digits.size() || out.port == 0) return bad("");
    const bool brackets = host.front() == '[' && host.back() == ']';
    if (brackets) host = host.substr(1, host.size() - 2);
    if (host.empty() || !printable(host) || host.find('/') != host.npos) return bad("");
    if (brackets != (host.find(':') != host.npos)) return bad(", an IPv6 address in brackets");
    out.host = host;
    return out;
}

result<std::string> parse_proxy_credentials(bytes_view file) {
    while (!file.empty() && (file.back() == '\n' || file.back() == '\r')) file.remove_suffix(1);
    const auto colon = file.find(':');
    const bool clean = std::none_of(file.begin(), file.end(), [](char c) {
        return static_cast<unsigned char>(c) < ' ' || c == 0x7f;
    });
    if (colon == file.npos || colon == 0 || !clean || file.size() > 1024)
        return fail(errc::config_bad_value, "proxy_auth_file: wanted one line, name:password");
    return std::string(file);
}

result<bytes>
connect_request(const proxy_options& proxy, std::string_view host, std::uint16_t port) {
    if (host.empty() || !printable(host))
        return fail(errc::config_bad_value, "the broker's host is no name or address");
    const auto target = in_brackets(host) + ":" + std::to_string(port);
    bytes out = "CONNECT " + target + " HTTP/1.1\r\nHost: " + target + "\r\n";
    if (!proxy.credentials.empty())
        out += "Proxy-Authorization: Basic " + to_base64(proxy.credentials) + "\r\n";
    return out + "\r\n";
}

result<bool> proxy_answer::feed(bytes_view in) {
    head_.append(in.substr(0, head_most + 1 - std::min(head_.size(), head_most)));
    const auto there = std::min(head_.size(), begin.size());
    if (bytes_view(head_).substr(0, there) != begin.substr(0, there)) return garbage();
    const auto stop = head_.find(end);
    if (stop == head_.npos) {
        if (head_.size() > head_most)
            return fail(
                errc::proxy_failed,
                "its answer has no end within " + std::to_string(head_most) + " bytes"
            );
        return false;
    }
    const auto open = judge();
    // A broker says nothing before we do, so these bytes are not the broker's.
    if (open && stop + end.size() != head_.size())
        return fail(errc::proxy_failed, "it sent bytes of its own after opening the way");
    return open;
}

result<bool> proxy_answer::judge() const {
    // HTTP/1.x SP 3DIGIT, RFC 9112 section 4.
    constexpr std::size_t at = 9;
    int status = 0;
    const auto* digits = head_.data() + at;
    const bool room = head_.size() > at + 3 && head_[at - 1] == ' ';
    if (!room || std::from_chars(digits, digits + 3, status).ptr != digits + 3) return garbage();
    if (status >= 200 && status < 300) return true;
    return fail(errc::proxy_failed, refusal(status));
}

std::string proxy_answer::refusal(int status) const {
    const auto code = " (status " + std::to_string(status) + ")";
    switch (status) {
    case 407:
        if (!offers_basic(head_)) return "it wants a login of a kind other than Basic" + code;
        return (sent_credentials_ ? "it does not take the name and password of proxy_auth_file"
                                  : "it wants a name and password: set proxy_auth_file") +
               code;
    case 403:
    case 405:
        return "it does not allow CONNECT to the broker" + code;
    case 502:
    case 503:
    case 504:
        return "it cannot reach the broker" + code;
    default:
        return "it refused" + code;
    }
}

} // namespace cairn::transport
