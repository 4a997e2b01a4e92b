#include "certs/names.hpp"

#include <algorithm>
#include <array>

namespace cairn::certs {
namespace {

constexpr std::array kinds{
    identity_kind::agency,
    identity_kind::admin,
    identity_kind::auditor,
    identity_kind::monitor,
    identity_kind::server,
    identity_kind::invite,
};
constexpr std::string_view scheme = "spiffe://";

bool is_name(std::string_view text, bool dots) {
    if (text.size() < 2 || text.size() > 40) return false;
    const auto letter_or_digit = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    };
    if (!letter_or_digit(text.front()) || !letter_or_digit(text.back())) return false;
    if (text.find("..") != std::string_view::npos) return false;
    return std::all_of(text.begin(), text.end(), [&](char c) {
        return letter_or_digit(c) || c == '-' || (dots && c == '.');
    });
}

} // namespace

std::string_view word_of(identity_kind kind) {
    switch (kind) {
    case identity_kind::agency:
        return "agency";
    case identity_kind::admin:
        return "admin";
    case identity_kind::auditor:
        return "auditor";
    case identity_kind::monitor:
        return "monitor";
    case identity_kind::server:
        return "server";
    case identity_kind::invite:
        return "invite";
    }
    return "";
}

bool is_slug(std::string_view text) {
    return is_name(text, false);
}

bool is_partnership(std::string_view text) {
    return is_name(text, true);
}

result<std::string> uri_of(const identity& who, std::string_view partnership) {
    if (!is_partnership(partnership)) {
        return fail(errc::bad_value, "partnership: a-z, 0-9, hyphen and dot, 2 to 40");
    }
    if (!is_slug(who.id)) return fail(errc::bad_value, "id: a-z, 0-9 and hyphen, 2 to 40");
    std::string out{scheme};
    out += partnership;
    out += '/';
    out += word_of(who.kind);
    out += '/';
    out += who.id;
    return out;
}

result<identity> parse_uri(std::string_view uri, std::string_view partnership) {
    for (const identity_kind kind : kinds) {
        const std::size_t cut = uri.rfind('/');
        if (cut == std::string_view::npos) break;
        identity who{kind, std::string(uri.substr(cut + 1))};
        // Built again and compared, so that there is one spelling and no parser to fool.
        const result<std::string> expected = uri_of(who, partnership);
        if (expected && *expected == uri) return who;
    }
    return fail(errc::certificate_identity);
}

} // namespace cairn::certs
