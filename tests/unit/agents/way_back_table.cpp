#include "way_back_table.hpp"

#include "agents/core/html.hpp"
#include "agents/core/labels.hpp"
#include "agents/profiles/fhir_notice.hpp"
#include "agents/profiles/notice_csv.hpp"
#include "support/full_notice.hpp"

#include <google/protobuf/util/json_util.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>
#include <set>
#include <sstream>
#include <vector>

namespace agents_test {
namespace {

using namespace cairn::agents;
namespace pb = google::protobuf;
namespace v1 = ::cairn::v1;
using nlohmann::json;

// One notice in every form, in parts that can be compared.
struct forms {
    json whole;
    // Heading: what stands under it, in the page's order.
    std::vector<std::pair<std::string, std::string>> page;
    std::vector<std::string> columns;
    std::vector<std::vector<std::string>> rows;
    // "Patient/name/given\tGiven1"
    std::multiset<std::string> fhir;
};

std::vector<std::pair<std::string, std::string>> sections_of(const std::string& html) {
    const std::string mark = "<section ";
    std::vector<std::pair<std::string, std::string>> out;
    auto at = html.find("<body>");
    for (std::string name = "its head"; at != html.npos;) {
        const auto next = html.find(mark, at + 1);
        out.emplace_back(name, html.substr(at, next - at));
        at = next;
        if (at == html.npos) break;
        const auto from = html.find('>', html.find("<h2 ", at)) + 1;
        name = html.substr(from, html.find('<', from) - from);
    }
    return out;
}

// No cell of a full notice holds a comma within quotes and a line end.
std::vector<std::vector<std::string>> rows_of(const std::string& csv) {
    std::vector<std::vector<std::string>> out;
    std::istringstream lines(csv);
    for (std::string line; std::getline(lines, line);) {
        auto& row = out.emplace_back();
        for (auto at = line.find('"'); at != line.npos; at = line.find('"', at + 1)) {
            const auto end = line.find('"', at + 1);
            row.push_back(line.substr(at + 1, end - at - 1));
            at = end;
        }
    }
    return out;
}

// "names[0].given" is "names.given"; of JSON "/name/0/given" is "/name/given".
std::string without_numbers(const std::string& path) {
    std::string out;
    for (std::size_t i = 0; i < path.size(); ++i) {
        const bool number = path[i] == '[' || (path[i] == '/' && i + 1 < path.size() &&
                                               path[i + 1] >= '0' && path[i + 1] <= '9');
        if (!number)
            out += path[i];
        else if (path[i] == '[')
            i = path.find(']', i);
        else
            while (i + 1 < path.size() && path[i + 1] != '/') ++i;
    }
    return out;
}

// A reference names another entry: it changes wherever that does.
std::multiset<std::string> fhir_of(const std::string& text) {
    std::multiset<std::string> out;
    const auto bundle = json::parse(text);
    for (const auto& entry : bundle["entry"]) {
        const auto& r = entry["resource"];
        const auto flat = r.flatten();
        for (const auto& [at, value] : flat.items()) {
            const auto path = without_numbers(at);
            if (path == "/resourceType" || path.find("reference") != path.npos) continue;
            out.insert(r["resourceType"].get<std::string>() + path + "\t" + value.dump());
        }
    }
    return out;
}

forms forms_of(const v1::Notice& n) {
    const delivery_info info{17, 1'795'305'600'000'000, 1'795'392'000'000'000};
    forms out;
    std::string text;
    (void) pb::util::MessageToJsonString(n, &text);
    out.whole = json::parse(text);
    out.page = sections_of(render_notice_html(n, info));
    auto rows = rows_of(profiles::notice_as_csv(n, info));
    out.columns = rows.front();
    rows.erase(rows.begin());
    out.rows = std::move(rows);
    out.fhir = fhir_of(profiles::notice_as_fhir(n, info));
    return out;
}

std::string listed(const std::set<std::string>& all) {
    std::string out;
    for (const auto& one : all) out += (out.empty() ? "`" : ", `") + one + "`";
    return out;
}

// In the page's order.
std::string page_change(const forms& with, const forms& without) {
    std::string out;
    for (const auto& [name, text] : with.page) {
        const auto same =
            std::find(without.page.begin(), without.page.end(), std::pair(name, text));
        if (same == without.page.end()) out += (out.empty() ? "" : "; ") + name;
    }
    return out;
}

// Of what the concern says rows are gone, by their field; of the rest, columns changed.
std::string table_change(const forms& with, const forms& without, const std::string& path) {
    constexpr std::size_t field = 8;
    std::set<std::string> fields;
    for (const auto& row : with.rows) {
        if (path.empty()) break;
        if (std::find(without.rows.begin(), without.rows.end(), row) != without.rows.end())
            continue;
        const auto of = without_numbers(row[field]);
        if (of == path) fields.insert(of);
        if (of.compare(0, path.size() + 1, path + ".") == 0) fields.insert(path + ".*");
    }
    if (!fields.empty()) return "rows " + listed(fields);
    std::set<std::string> columns;
    for (std::size_t i = 0; i < with.rows.size(); ++i) {
        const bool both = i < without.rows.size();
        for (std::size_t c = 0; c < with.columns.size(); ++c)
            if (!both || with.rows[i][c] != without.rows[i][c]) columns.insert(with.columns[c]);
    }
    return listed(columns);
}

// Two steps are enough to find it; of many elements of one resource, the resource.
std::string fhir_change(const forms& with, const forms& without) {
    std::map<std::string, std::set<std::string>> types;
    const auto note = [&](const std::multiset<std::string>& some, const auto& other) {
        for (const auto& one : some) {
            if (other.count(one) == some.count(one)) continue;
            const auto path = one.substr(0, one.find('\t'));
            const auto slash = path.find('/');
            types[path.substr(0, slash)].insert(path.substr(0, path.find('/', slash + 1)));
        }
    };
    note(with.fhir, without.fhir);
    note(without.fhir, with.fhir);
    std::set<std::string> out;
    for (const auto& [type, paths] : types) {
        constexpr std::size_t few = 3;
        if (paths.size() > few)
            out.insert(type + "/*");
        else
            out.insert(paths.begin(), paths.end());
    }
    return listed(out);
}

// "content.in_reply_to" is "content.inReplyTo".
std::string json_path(const std::string& path) {
    std::string out;
    for (std::size_t i = 0; i < path.size(); ++i) {
        const bool next_large = path[i] == '_';
        if (next_large) ++i;
        out += next_large ? static_cast<char>(path[i] - 'a' + 'A') : path[i];
    }
    return out;
}

// Whether the JSON has such a member; of a list, in any item.
bool holds(const json& whole, const std::string& path) {
    if (path.empty()) return true;
    if (whole.is_array())
        return std::any_of(whole.begin(), whole.end(), [&](const json& j) {
            return holds(j, path);
        });
    const auto dot = std::min(path.find('.'), path.size());
    const auto member = whole.find(path.substr(0, dot));
    return member != whole.end() && holds(*member, path.substr(std::min(dot + 1, path.size())));
}

// Below the concern or the person; empty: no part of either.
std::string path_in_table(const std::string& path) {
    for (const std::string begin : {"content.persons.", "content."})
        if (path.compare(0, begin.size(), begin) == 0) return path.substr(begin.size());
    return {};
}

void set_something(pb::Message& m, const pb::FieldDescriptor& f) {
    const auto& r = *m.GetReflection();
    if (f.cpp_type() == pb::FieldDescriptor::CPPTYPE_BOOL) r.SetBool(&m, &f, true);
    if (f.cpp_type() == pb::FieldDescriptor::CPPTYPE_UINT32) r.SetUInt32(&m, &f, 7);
    if (f.cpp_type() != pb::FieldDescriptor::CPPTYPE_MESSAGE || !f.is_repeated()) return;
    if (auto* group = dynamic_cast<v1::DecisionGroup*>(r.AddMessage(&m, &f))) group->set_rule(1);
}

class table {
public:
    explicit table(v1::ConcernKind kind) : full_(cairn::test::full_notice(kind)) {}

    // `part`: finds the messages that have the field, all of one type; `under`: their path.
    template <class Part>
    [[nodiscard]] std::string rows(const std::string& under, Part part) const {
        auto n = full_;
        const auto* type = part(n).front()->GetDescriptor();
        std::string out;
        for (int i = 0; i < type->field_count(); ++i) {
            const auto* f = type->field(i);
            if (!has_own_rows(*f)) out += row(under, *f, part);
        }
        return out;
    }

private:
    static bool has_own_rows(const pb::FieldDescriptor& f) {
        static const std::set<std::string> names = {
            "cairn.v1.Notice.content", "cairn.v1.Notice.withheld", "cairn.v1.Concern.persons"};
        return names.count(f.full_name()) != 0 || f.real_containing_oneof() != nullptr;
    }

    template <class Part>
    [[nodiscard]] std::string
    row(const std::string& under, const pb::FieldDescriptor& f, Part part) const {
        auto with = full_;
        auto without = full_;
        const auto& r = *part(with).front()->GetReflection();
        const bool there = f.is_repeated() ? r.FieldSize(*part(with).front(), &f) != 0
                                           : r.HasField(*part(with).front(), &f);
        if (!there)
            for (auto* m : part(with)) set_something(*m, f);
        for (auto* m : part(without)) r.ClearField(m, &f);
        const auto a = there ? forms_ : forms_of(with);
        const auto b = forms_of(without);
        const auto path = under + f.name();
        const auto in_json = json_path(path);
        return "| " + (holds(a.whole, in_json) ? "`" + in_json + "`" : "") + " | " +
               page_change(a, b) + " | " + table_change(a, b, path_in_table(path)) + " | " +
               fhir_change(a, b) + " |\n";
    }

    v1::Notice full_;
    forms forms_{forms_of(full_)};
};

using messages = std::vector<pb::Message*>;

} // namespace

std::string way_back_tables() {
    const std::string head =
        "| in `N.json` | in the page, under | in the table `N.csv` | in the FHIR "
        "document `N.fhir` |\n|---|---|---|---|\n";
    const table notification(v1::CONCERN_KIND_NOTIFICATION);
    std::string out = "### Every notice\n\n" + head;
    out += notification.rows("", [](v1::Notice& n) { return messages{&n}; });
    out += "\n### What a notice does not show\n\n" + head;
    out += notification.rows("withheld.", [](v1::Notice& n) {
        messages all;
        for (auto& w : *n.mutable_withheld()) all.push_back(&w);
        return all;
    });
    out += "\n### Every kind of concern\n\n" + head;
    out +=
        notification.rows("content.", [](v1::Notice& n) { return messages{n.mutable_content()}; });
    const auto* bodies = v1::Concern::descriptor()->FindOneofByName("body");
    for (int i = 0; i < bodies->field_count(); ++i) {
        const auto* body = bodies->field(i);
        const auto kind = static_cast<v1::ConcernKind>(i + 1);
        const auto label = value_label(*v1::ConcernKind_descriptor()->FindValueByNumber(kind));
        out += "\n### Of the kind: " + std::string(label) + "\n\n" + head;
        out += table(kind).rows("content." + body->name() + ".", [body](v1::Notice& n) {
            auto& c = *n.mutable_content();
            return messages{c.GetReflection()->MutableMessage(&c, body)};
        });
    }
    out += "\n### A person\n\n" + head;
    out += notification.rows("content.persons.", [](v1::Notice& n) {
        return messages{n.mutable_content()->mutable_persons(0)};
    });
    return out;
}

} // namespace agents_test
