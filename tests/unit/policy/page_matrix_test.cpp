// The table of the page that an officer signs, read back as its reader would: each cell of it is
// held against what the broker decides of every cell of the decision space that it stands for.
#include "policy/phrases.hpp"
#include "policy/render/page.hpp"
#include "support.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

using namespace cairn::policy;
using namespace cairn::policy::testing;

namespace {

// What the page says above its tables: at significant harm, a conviction that matters, a referrer
// who stays unnamed.
const auto stands_at = v1::RISK_LEVEL_SIGNIFICANT_HARM;
const std::uint32_t said = flags({v1::FLAG_RELEVANT_CONVICTION, v1::FLAG_ANONYMOUS_REFERRER});
// "No star tells of what lies over nearly every cell."
const std::uint32_t over_all =
    flags({v1::FLAG_DETRIMENT, v1::FLAG_CONFLICT, v1::FLAG_STATUTORY_BAR});

std::string plain(std::string text) {
    for (const auto& [from, to] :
         {std::pair("&lt;", "<"),
          {"&gt;", ">"},
          {"&quot;", "\""},
          {"&#39;", "'"},
          {"&amp;", "&"}}) {
        const std::string mark = from;
        for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark, at + 1))
            text.replace(at, mark.size(), to);
    }
    return text;
}

// What stands between both, each time; `end` may be what begins the next.
std::vector<std::string>
each_between(const std::string& text, const std::string& begin, const std::string& end) {
    std::vector<std::string> out;
    for (auto at = text.find(begin); at != std::string::npos;) {
        at += begin.size();
        const auto stop = text.find(end, at);
        if (stop == std::string::npos) FAIL("no " << end << " after " << begin);
        out.push_back(text.substr(at, stop - at));
        at = text.find(begin, stop);
    }
    return out;
}

std::string one_between(const std::string& text, const std::string& begin, const std::string& end) {
    const auto all = each_between(text, begin, end);
    if (all.empty()) FAIL("no " << begin);
    return all.front();
}

std::string capitals_first(std::string text) {
    text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
    return text;
}

// Reads "a; b; and c", "everybody" and "everybody but a; and b" back into values.
class reading {
public:
    reading(const google::protobuf::EnumDescriptor* set, int last, std::string all)
        : all_(std::move(all)) {
        for (int v = 1; v <= last; ++v) {
            const std::string word = shipped().word(set->FindValueByNumber(v)->name());
            const bool fresh = values_.emplace(capitals_first(word), v).second;
            if (!fresh) FAIL("one word for two: " << word);
        }
    }

    [[nodiscard]] std::set<int> of(std::string text) const {
        std::set<int> everything;
        for (const auto& [word, v] : values_) everything.insert(v);
        const std::string text_all = capitals_first(all_);
        text = capitals_first(text);
        if (text == text_all) return everything;
        const std::string but = text_all + " but ";
        if (text.compare(0, but.size(), but) != 0) return listed(text);
        for (const int v : listed(text.substr(but.size()))) everything.erase(v);
        return everything;
    }

private:
    [[nodiscard]] std::set<int> listed(const std::string& text) const {
        std::set<int> out;
        for (std::size_t at = 0; at < text.size();) {
            const auto stop = std::min(text.find("; ", at), text.size());
            std::string word = text.substr(at, stop - at);
            if (at != 0 && stop == text.size() && word.compare(0, 4, "and ") == 0)
                word = word.substr(4);
            const auto known = values_.find(capitals_first(word));
            if (known == values_.end()) FAIL("nobody's word: " << word);
            out.insert(known->second);
            at = stop + (stop == text.size() ? 0 : 2);
        }
        return out;
    }

    std::string all_;
    std::map<std::string, int> values_;
};

// One cell as it is printed.
struct printed {
    std::string css;
    std::string desk;
    std::string why;
    std::string word;
    bool operator==(const printed&) const = default;
};

printed read_cell(const std::string& td) {
    const auto word = td.rfind("\">") + 2;
    return {
        one_between(td, " class=\"", "\""),
        plain(one_between(td, " data-desk=\"", "\"")),
        plain(one_between(td, " title=\"", "\"")),
        td.substr(word, td.find("</a>", word) - word)};
}

std::ostream& operator<<(std::ostream& out, const printed& cell) {
    return out << cell.desk << ": " << cell.word << " (" << cell.css << "), " << cell.why;
}

const char* mark_of(v1::Form form) {
    switch (form) {
    case v1::FORM_FULL:
        return "full";
    case v1::FORM_GENERALISED:
        return "shorter";
    case v1::FORM_PSEUDONYM:
        return "token";
    case v1::FORM_SILENT:
        return "silent";
    default:
        return "held";
    }
}

template <class Values>
bool fits(const Values& list, int value) {
    return list.empty() || std::find(list.begin(), list.end(), value) != list.end();
}

// Those that some rule about this cell names: no other can change anything about it.
std::uint32_t flags_about(const point& p) {
    std::uint32_t out = 0;
    for (const auto& r : shipped().source().rules()) {
        if (!fits(r.categories(), p.category) || !fits(r.subjects(), p.subject) ||
            !fits(r.roles(), p.role) || !fits(r.purposes(), p.purpose))
            continue;
        for (const int f : r.when()) out |= bit(static_cast<v1::Flag>(f));
        for (const int f : r.unless()) out |= bit(static_cast<v1::Flag>(f));
    }
    return out & ~over_all;
}

// Another form at another risk or under other flags.
bool differs(point p, v1::Form usual) {
    const auto free = flags_about(p);
    for (const auto k : risks) {
        p.risk = k;
        // Every subset of `free`, from none to all.
        for (std::uint32_t set = 0;; set = ((set | ~free) + 1) & free) {
            p.flags = set;
            if (shipped().decide(p).form != usual) return true;
            if (set == free) break;
        }
    }
    return false;
}

printed expected(const point& p, const std::string& desk) {
    const auto d = shipped().decide(p);
    const bool star = differs(p, d.form);
    std::string why = capitals_first(shipped().word(v1::Form_Name(d.form)));
    why += d.rule == 0 ? ": no rule opens it" : ": rule " + std::to_string(d.rule);
    why += ", because " + std::string(reason_words(d.reason));
    if (star) why += "; at another risk or under flags it differs";
    const std::string mark = mark_of(d.form);
    return {mark, desk, why, mark + (star ? "*" : "")};
}

// Whom and for what: a row that joins several names each pair of lists.
std::set<std::pair<int, int>>
read_row_title(const std::string& th, const reading& subject, const reading& purpose) {
    const auto whom = each_between(th, "<span class=\"whom\">About ", "</span>");
    const auto what = each_between(th, "<span class=\"what\">for ", "</span>");
    REQUIRE(whom.size() == what.size());
    std::set<std::pair<int, int>> out;
    for (std::size_t i = 0; i < whom.size(); ++i) {
        for (const int s : subject.of(plain(whom[i])))
            for (const int p : purpose.of(plain(what[i]))) out.emplace(s, p);
    }
    return out;
}

struct readings {
    reading subject{v1::Subject_descriptor(), v1::SUBJECT_CONCERN, "anybody"};
    reading purpose{v1::Purpose_descriptor(), v1::Purpose_MAX, "every purpose"};
    reading role{v1::Role_descriptor(), v1::Role_MAX, "every desk"};
};

// How many cells of the space the table of one category stands for; each must be as it decides.
std::size_t check_table(const std::string& html, v1::Category category, const readings& words) {
    const auto desks = each_between(html, "<th scope=\"col\" role=\"columnheader\">", "</th>");
    std::set<std::tuple<int, int, int>> seen;
    for (const auto& tr : each_between(html, "<tr role=\"row\"><th scope=\"row\"", "</tr>")) {
        const auto cells = each_between(tr, "<td role=\"cell\"", "</td>");
        REQUIRE(cells.size() + 1 == desks.size());
        for (const auto& [s, p] : read_row_title(tr, words.subject, words.purpose)) {
            for (std::size_t i = 0; i < cells.size(); ++i) {
                const auto desk = plain(desks[i + 1]);
                for (const int r : words.role.of(desk)) {
                    const point at{
                        category,
                        static_cast<v1::Subject>(s),
                        static_cast<v1::Role>(r),
                        static_cast<v1::Purpose>(p),
                        stands_at,
                        said};
                    seen.emplace(s, p, r);
                    const auto is = read_cell(cells[i]);
                    const auto ought = expected(at, desk);
                    if (is == ought) continue;
                    FAIL(
                        ::cairn::policy::testing::words(at)
                        << "\nprinted: " << is << "\ndecided: " << ought
                    );
                }
            }
        }
    }
    return seen.size();
}

} // namespace

TEST_CASE("every cell of the page's tables is what is decided: form, colour, star and reason") {
    const auto page = policy_page(shipped(), std::nullopt, today);
    std::map<std::string, std::string> tables;
    for (const auto& html : each_between(page, "<caption>", "</table>"))
        tables.emplace(plain(html.substr(0, html.find(": who sees what of it</caption>"))), html);
    CHECK(tables.size() == categories.size());
    const readings words;
    for (const auto c : categories) {
        const std::string title = capitals_first(shipped().word(v1::Category_Name(c)));
        INFO(title);
        REQUIRE(tables.count(title) == 1);
        // None is left out, for whoever the row and the column speak of.
        const auto all = subjects.size() * purposes.size() * roles.size();
        CHECK(check_table(tables.at(title), c, words) == all);
    }
}
