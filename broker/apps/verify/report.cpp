#include "apps/verify/report.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>

namespace cairn::verify_app {

void report::add(
    std::string label, std::string key, nlohmann::ordered_json value, std::string text
) {
    rows_.push_back({std::move(label), std::move(key), std::move(value), std::move(text)});
}

void report::add_signatures(std::span<const merkle::good_signature> signatures) {
    auto list = nlohmann::ordered_json::array();
    for (const auto& s : signatures) {
        nlohmann::ordered_json one{{"name", s.key.name}, {"key", merkle::print_vkey(s.key)}};
        if (s.key.type == merkle::key_type::cosignature) {
            one["witnessedAt"] = utc_text(s.posix_seconds * 1'000'000);
        }
        list.push_back(std::move(one));
    }
    add("signed by", "signatures", std::move(list));
}

std::string report::table() const {
    std::size_t width = 0;
    for (const row& r : rows_) width = std::max(width, r.label.size());
    std::string out = headline_ + "\n";
    const auto line = [&](const std::string& label, const std::string& value) {
        out += "  " + label + std::string(width - label.size() + 2, ' ') + value + "\n";
    };
    for (const row& r : rows_) {
        if (!r.text.empty()) {
            line(r.label, r.text);
        } else if (r.value.is_array()) {
            for (const auto& one : r.value) {
                std::string text = one.at("name").get<std::string>();
                if (one.contains("witnessedAt")) {
                    text += ", witness, at " + one.at("witnessedAt").get<std::string>();
                }
                line(r.label, text);
            }
        } else {
            line(r.label, r.value.is_string() ? r.value.get<std::string>() : r.value.dump());
        }
    }
    return out;
}

std::string report::json() const {
    nlohmann::ordered_json out{{"ok", true}};
    for (const row& r : rows_) out[r.key] = r.value;
    return out.dump() + "\n";
}

std::string utc_text(std::uint64_t us) {
    using namespace std::chrono;
    // Later than any calendar of ours; a number is better than a wrong date.
    if (us > 253'402'300'799'000'000) return std::to_string(us) + " us";
    const sys_time<microseconds> at{microseconds{static_cast<std::int64_t>(us)}};
    const auto day = floor<days>(at);
    const year_month_day date{day};
    const hh_mm_ss time{at - day};
    std::array<char, 64> text{};
    std::snprintf(
        text.data(),
        text.size(),
        "%04d-%02u-%02uT%02d:%02d:%02d.%06dZ",
        static_cast<int>(date.year()),
        static_cast<unsigned>(date.month()),
        static_cast<unsigned>(date.day()),
        static_cast<int>(time.hours().count()),
        static_cast<int>(time.minutes().count()),
        static_cast<int>(time.seconds().count()),
        static_cast<int>(time.subseconds().count())
    );
    return text.data();
}

std::string failure_text(const failure& f, const std::string& subject) {
    std::string out = "cairn-verify: " + subject + ": " + f.public_text() + "\n";
    if (!f.detail.empty()) out += "  cause: " + f.detail + "\n";
    return out + "  next: " + std::string(describe(f.code).next_step) + ".\n";
}

std::string failure_json(const failure& f, const std::string& subject) {
    const error_entry& e = describe(f.code);
    nlohmann::ordered_json out{
        {"ok", false},
        {"subject", subject},
        {"error", e.symbol},
        {"number", static_cast<int>(e.code)},
        {"text", e.text},
        {"where", f.where},
        {"cause", f.detail},
        {"next", e.next_step},
    };
    // A file name may hold any bytes.
    return out.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

int exit_code_for(const failure& f) {
    return f.code == errc::bad_value ? exit_code::usage : apps::exit_code_of(f.code);
}

} // namespace cairn::verify_app
