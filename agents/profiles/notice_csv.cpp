#include "agents/profiles/notice_csv.hpp"

#include "agents/core/labels.hpp"
#include "agents/core/outline.hpp"

#include <google/protobuf/util/time_util.h>

#include <array>

namespace cairn::agents::profiles {
namespace {

namespace v1 = ::cairn::v1;

constexpr std::string_view head =
    "\xef\xbb\xbf\"concern\",\"thread\",\"desk\",\"sender\",\"kind\",\"decided\","
    "\"acknowledge_by\",\"about\",\"field\",\"what\",\"value\",\"hidden_because\",\"ask\","
    "\"challenge\"\r\n";

std::string time_text(std::int64_t us) {
    if (us == 0) return {};
    using google::protobuf::util::TimeUtil;
    constexpr std::int64_t a_second = 1'000'000;
    return TimeUtil::ToString(TimeUtil::SecondsToTimestamp(us / a_second));
}

// A newer broker may know more kinds.
std::string kind_text(v1::ConcernKind kind) {
    const auto* value = v1::ConcernKind_descriptor()->FindValueByNumber(kind);
    return value == nullptr ? std::to_string(kind) : std::string(value_label(*value));
}

// What differs from row to row.
struct cells {
    std::string_view about{};
    std::string_view field{};
    std::string_view what{};
    std::string_view value{};
    std::string_view hidden_because{};
    std::string_view ask{};
    std::string_view challenge{};
};

class table {
public:
    table(const v1::Notice& n, const delivery_info& d) {
        for (const auto& text :
             {n.concern_id(),
              n.thread(),
              n.desk(),
              n.sender(),
              kind_text(n.kind()),
              time_text(n.decided_at_us()),
              time_text(d.acknowledge_by_us)})
            same_ += csv_cell(text) + ",";
    }

    void add(const cells& c) {
        out_ += same_;
        const std::array<std::string_view, 7> all{
            c.about, c.field, c.what, c.value, c.hidden_because, c.ask, c.challenge};
        for (std::size_t i = 0; i < all.size(); ++i) {
            if (i != 0) out_ += ',';
            out_ += csv_cell(all[i]);
        }
        out_ += "\r\n";
    }

    void add(std::string_view about, const std::vector<outline_line>& lines) {
        for (const auto& l : lines) add({about, l.path, l.label, l.value});
    }

    [[nodiscard]] std::string text() && { return std::move(out_); }

private:
    std::string same_;
    std::string out_{head};
};

} // namespace

std::string csv_cell(std::string_view text) {
    std::string out = "\"";
    // Signs that begin a formula, also behind what a spreadsheet strips: OWASP, CSV injection.
    const auto first = text.find_first_not_of(" \t\r\n");
    constexpr std::string_view signs = "=+-@";
    const bool formula =
        first != std::string_view::npos && signs.find(text[first]) != std::string_view::npos;
    const bool control = !text.empty() && (text[0] == '\t' || text[0] == '\r' || text[0] == '\n');
    if (formula || control) out += '\'';
    for (const char c : text) {
        if (c == '\0') continue;
        if (c == '"') out += '"';
        out += c;
    }
    return out += '"';
}

std::string notice_as_csv(const v1::Notice& n, const delivery_info& d) {
    table out(n, d);
    out.add("", outline_of_concern(n.content()));
    for (const auto& p : n.content().persons())
        out.add(person_title(p), outline_of_person(p, n.content()));
    for (const auto& w : n.withheld()) {
        const auto about = person_title(n.content(), w.person_ref());
        const auto what = w.category() == v1::CATEGORY_UNSPECIFIED ? std::string_view("held")
                                                                   : category_label(w.category());
        out.add({about, "", what, "", w.sentence(), w.ask(), w.challenge_id()});
    }
    return std::move(out).text();
}

} // namespace cairn::agents::profiles
