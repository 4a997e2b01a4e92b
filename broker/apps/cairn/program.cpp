#include "apps/cairn/program.hpp"

#include "core/log_line.hpp"
#include "core/system.hpp"
#include "core/toml.hpp"
#include "daemon/config.hpp"

#include <fmt/format.h>
#include <google/protobuf/util/json_util.h>
#include <nlohmann/json.hpp>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <future>
#include <iostream>
#include <sstream>

namespace cairn::cli {
namespace {

errc known(std::uint32_t number) {
    for (const error_entry& e : error_table) {
        if (static_cast<std::uint32_t>(e.code) == number) return e.code;
    }
    return errc::internal;
}

// What the broker said of a refusal, "Text (where). Next step", taken apart again.
failure refusal_of(const session::call_end& end) {
    failure f = fail(end.number == 0 ? errc::unavailable : known(end.number));
    const error_entry& e = describe(f.code);
    std::string_view rest = end.message;
    if (rest.rfind(e.text, 0) != 0) {
        f.detail = end.message;
        return f;
    }
    rest.remove_prefix(e.text.size());
    const std::string next = ". " + std::string(e.next_step);
    const auto tail = rest.rfind(next);
    if (tail != std::string_view::npos) rest = rest.substr(0, tail);
    // " (where)"
    if (rest.size() > 3) f.where = rest.substr(2, rest.size() - 3);
    return f;
}

// The file named in a context, relative to it.
std::string beside(const std::string& folder, const std::string& path) {
    return path.empty() || path.front() == '/' ? path : folder + "/" + path;
}

// A file's name may hold any bytes.
std::string one_line(const nlohmann::ordered_json& value) {
    return value.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

status split_address(const std::string& text, context& c) {
    const auto colon = text.rfind(':');
    const int port = colon == std::string::npos ? 0 : std::atoi(text.c_str() + colon + 1);
    if (colon == std::string::npos || port <= 0 || port > 65535) {
        return fail(errc::config_bad_value, "broker must read host:port");
    }
    c.host = text.substr(0, colon);
    c.port = static_cast<std::uint16_t>(port);
    return {};
}

// Both may be empty.
status read_proxy(const std::string& url, const std::string& auth_file, context& c) {
    if (url.empty()) return {};
    auto proxy = transport::parse_proxy(url);
    if (!proxy) return proxy.error();
    c.proxy = std::move(*proxy);
    if (auth_file.empty()) return {};
    const auto line = daemon::read_file(auth_file, true);
    if (!line) return line.error();
    auto credentials = transport::parse_proxy_credentials(*line);
    if (!credentials) return credentials.error();
    c.proxy.credentials = std::move(*credentials);
    return {};
}

} // namespace

result<context> program::load_context() const {
    std::string path = context_path;
    if (path.empty()) {
        const char* from_environment = std::getenv("CAIRN_CONTEXT");
        path = from_environment == nullptr ? "context.toml" : from_environment;
    }
    auto text = daemon::read_file(path);
    if (!text) {
        return fail(errc::file_unreadable, path + "; name one with --context or CAIRN_CONTEXT");
    }
    const toml::parse_result parsed = toml::parse(*text, path);
    if (!parsed) {
        return fail(errc::config_bad_value, path, std::string(parsed.error().description()));
    }
    const toml::table& t = parsed.table();
    const std::filesystem::path where(path);
    context c;
    c.folder = where.has_parent_path() ? where.parent_path().string() : ".";
    const auto text_of = [&t](std::string_view key) { return t[key].value_or(std::string{}); };
    CAIRN_TRY(split_address(text_of("broker"), c));
    c.name = text_of("name");
    c.partnership = text_of("partnership");
    c.authority_folder = beside(c.folder, text_of("authority_folder"));
    c.vkey_file = beside(c.folder, text_of("vkeys"));
    c.certificate_file = beside(c.folder, text_of("certificate"));
    c.key_file = beside(c.folder, text_of("key"));
    auto certificate = daemon::read_file(c.certificate_file);
    if (!certificate) return certificate.error();
    auto key = daemon::read_file(c.key_file, true);
    if (!key) return key.error();
    auto authority = daemon::read_file(beside(c.folder, text_of("authority")));
    if (!authority) return authority.error();
    CAIRN_TRY(read_proxy(text_of("proxy"), beside(c.folder, text_of("proxy_auth_file")), c));
    c.tls.certificate_pem = std::move(*certificate);
    c.tls.key_pem = std::move(*key);
    c.tls.authority_pem = std::move(*authority);
    return c;
}

transport::dialer& program::dial() {
    if (dialer_ == nullptr) dialer_ = transport::make_dialer();
    return *dialer_;
}

result<std::shared_ptr<transport::client>> program::connection() {
    if (client_ != nullptr) return client_;
    auto c = load_context();
    if (!c) return c.error();
    transport::dial_options o;
    o.host = c->host;
    o.port = c->port;
    o.expect_name = c->name;
    o.tls = c->tls;
    o.proxy = c->proxy;
    const mono_time end = system_clock().mono_now() + std::chrono::seconds(patience_s);
    auto made = transport::connect(dial(), o);
    while (!made && made.error().code == errc::connect_failed && system_clock().mono_now() < end) {
        std::promise<void> later;
        dial().post_after(std::chrono::milliseconds(50), [&later] { later.set_value(); });
        later.get_future().wait();
        made = transport::connect(dial(), o);
    }
    if (!made) return made.error();
    client_ = std::move(*made);
    return client_;
}

result<std::vector<bytes>> program::call_raw(
    std::string_view path, const google::protobuf::Message& request, std::chrono::seconds most
) {
    auto c = connection();
    if (!c) return c.error();
    auto answer = transport::call_unary(dial(), **c, path, request.SerializeAsString(), most);
    if (answer.end.grpc_status != 0) return refusal_of(answer.end);
    return std::move(answer.messages);
}

bool says_yes(const std::string& question) {
    fmt::print("{}? [y/N] ", question);
    std::fflush(stdout);
    std::string line;
    return std::getline(std::cin, line) && (line == "y" || line == "yes");
}

void program::stop_with(const failure& f) {
    code = apps::exit_code_of(f.code);
    const error_entry& e = describe(f.code);
    if (json) {
        const nlohmann::ordered_json out{
            {"code", static_cast<int>(e.code)},
            {"symbol", e.symbol},
            {"what", e.text},
            {"where", f.where},
            {"cause", f.detail},
            {"next", e.next_step},
        };
        std::fprintf(stderr, "%s\n", one_line(out).c_str());
        return;
    }
    std::string out = "cairn: " + f.public_text() + "\n";
    if (!f.detail.empty()) out += "  cause: " + f.detail + "\n";
    out += "  next: " + std::string(e.next_step) + "\n";
    std::fputs(out.c_str(), stderr);
}

void program::print_json(const google::protobuf::Message& m) const {
    google::protobuf::util::JsonPrintOptions options;
    options.add_whitespace = true;
    std::string out;
    if (!google::protobuf::util::MessageToJsonString(m, &out, options).ok()) return;
    std::fputs(out.c_str(), stdout);
}

void program::print_json(const nlohmann::ordered_json& value) const {
    std::puts(one_line(value).c_str());
}

program::~program() {
    client_.reset();
    if (dialer_ != nullptr) dialer_->stop();
}

void print_table(
    const std::vector<std::string>& head, const std::vector<std::vector<std::string>>& rows
) {
    std::vector<std::size_t> width;
    for (const auto& h : head) width.push_back(h.size());
    for (const auto& row : rows) {
        for (std::size_t i = 0; i < row.size(); ++i) width[i] = std::max(width[i], row[i].size());
    }
    const auto line = [&width](const std::vector<std::string>& cells) {
        std::string out;
        for (std::size_t i = 0; i < cells.size(); ++i) {
            out += i + 1 == cells.size() ? cells[i] : fmt::format("{:<{}}  ", cells[i], width[i]);
        }
        std::puts(out.c_str());
    };
    line(head);
    for (const auto& row : rows) line(row);
}

std::string time_text(std::int64_t us) {
    if (us == 0) return "-";
    return rfc3339(from_us(us)).substr(0, 19) + "Z";
}

std::string day_text(std::int64_t us) {
    return us == 0 ? "-" : rfc3339(from_us(us)).substr(0, 10);
}

std::string span_text(std::int64_t us) {
    const std::int64_t s = us / 1000000;
    if (s < 0) return "in the future";
    if (s < 120) return fmt::format("{} s", s);
    if (s < 7200) return fmt::format("{} min", s / 60);
    if (s < 172800) return fmt::format("{} h {} min", s / 3600, s / 60 % 60);
    return fmt::format("{} d {} h", s / 86400, s / 3600 % 24);
}

result<std::int64_t> time_from(const std::string& text, const std::string& what) {
    using namespace std::chrono;
    int y = 0;
    unsigned mo = 0, d = 0, h = 0, mi = 0, sec = 0;
    int used = 0;
    const bool day_only = std::sscanf(text.c_str(), "%4d-%2u-%2u%n", &y, &mo, &d, &used) == 3 &&
                          text.size() == 10 && used == 10;
    const bool whole =
        !day_only && text.size() == 20 &&
        std::sscanf(
            text.c_str(), "%4d-%2u-%2uT%2u:%2u:%2uZ%n", &y, &mo, &d, &h, &mi, &sec, &used
        ) == 6 &&
        used == 20;
    const year_month_day date{year{y}, month{mo}, day{d}};
    if ((!day_only && !whole) || !date.ok() || h > 23 || mi > 59 || sec > 59) {
        return fail(errc::usage, what + ": write a time as 2026-11-22 or 2026-11-22T09:30:00Z");
    }
    const auto at = sys_days{date} + hours{h} + minutes{mi} + seconds{sec};
    return duration_cast<microseconds>(at.time_since_epoch()).count();
}

result<std::chrono::seconds> duration_from(const std::string& text, const std::string& what) {
    static constexpr std::string_view units = "smhd";
    static constexpr std::int64_t each[] = {1, 60, 3600, 86400};
    const std::size_t unit = text.empty() ? std::string_view::npos : units.find(text.back());
    int used = 0;
    unsigned number = 0;
    const bool good = unit != std::string_view::npos && text.size() <= 7 &&
                      text.find_first_not_of("0123456789smhd") == std::string::npos &&
                      std::sscanf(text.c_str(), "%6u%n", &number, &used) == 1 &&
                      used + 1 == static_cast<int>(text.size());
    if (!good) return fail(errc::usage, what + ": write a time as 90s, 10m, 4h or 30d");
    return std::chrono::seconds(number * each[unit]);
}

result<std::string> read_input(const std::string& path) {
    if (path != "-") return daemon::read_file(path);
    std::ostringstream out;
    out << std::cin.rdbuf();
    return out.str();
}

} // namespace cairn::cli
