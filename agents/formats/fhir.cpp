#include "agents/formats/fhir.hpp"

#include "agents/formats/json.hpp"
#include "agents/formats/xml.hpp"

#include <algorithm>
#include <map>

namespace cairn::agents::formats {
namespace {

constexpr std::string_view type_member = "resourceType";
constexpr std::string_view narrative = "xhtml:div";

// A type goes into paths, and paths into reports: no other text does.
bool is_type(std::string_view name) {
    constexpr std::size_t longest = 64;
    const auto letter = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); };
    return !name.empty() && name.size() <= longest && name[0] >= 'A' && name[0] <= 'Z' &&
           std::all_of(name.begin(), name.end(), letter);
}

// Where FHIR lets a resource stand inside another thing.
bool holds_resources(std::string_view name) {
    return name == "resource" || name == "contained" || name == "outcome";
}

std::string at_leaf(const leaf& l, std::string_view what) {
    return place_text(l.at) + ": " + std::string(what);
}

// XML: a primitive's value is an attribute, and so are an id and an extension's url. Text in an
// element is no FHIR and stays what it is, stray.
void settle_xml(leaf& l) {
    auto& last = l.path.back().name;
    if (last == "@value")
        l.path.pop_back();
    else if (last == "@id" || last == "@url")
        last.erase(0, 1);
    else if (last[0] != '@' && last != "text()" && !l.value.empty())
        l.path.push_back({"text()", 0});
}

// The narrative is a page of its own: one leaf, as in JSON.
bool settle_narrative(record& to, const leaf& l) {
    const auto div = std::find_if(l.path.begin(), l.path.end(), [](const step& s) {
        return s.name == narrative;
    });
    if (div == l.path.end()) return false;
    std::vector<step> path(l.path.begin(), div);
    path.push_back({"div", 0});
    if (!to.empty() && to.back().path == path)
        to.back().value += l.value.empty() ? "" : " " + l.value;
    else
        to.push_back({std::move(path), l.value, l.at});
    return true;
}

// An element whose attributes were leaves is no leaf again.
bool only_attributes(const leaf& l, const std::vector<step>& before) {
    return l.value.empty() && before.size() == l.path.size() + 1 && before.back().name[0] == '@' &&
           std::equal(l.path.begin(), l.path.end(), before.begin());
}

record xml_form(record&& raw) {
    record out;
    std::vector<step> before;
    for (auto& l : raw) {
        const bool again = only_attributes(l, before);
        before = l.path;
        if (again || settle_narrative(out, l)) continue;
        settle_xml(l);
        out.push_back(std::move(l));
    }
    return out;
}

// JSON says what a resource is in a member, at any place in it; XML by an element around it. In
// our form it is a step, and "_birthDate" stands with birthDate.
class json_former {
public:
    explicit json_former(const record& raw) {
        for (const auto& l : raw) {
            if (l.path.back().name != type_member) continue;
            if (!is_type(l.value)) continue;
            auto at = l;
            at.path.pop_back();
            types_[path_text(at)] = l.value;
        }
    }

    // `root`: the type around everything.
    [[nodiscard]] record form(record&& raw, const std::string& root) const {
        record out;
        for (auto& l : raw) {
            if (l.path.back().name == type_member) continue;
            l.path = full_path(l.path, root);
            out.push_back(std::move(l));
        }
        return out;
    }

private:
    [[nodiscard]] std::vector<step>
    full_path(std::vector<step>& raw, const std::string& root) const {
        std::vector<step> out{{root, 0}};
        leaf so_far;
        for (auto& s : raw) {
            so_far.path.push_back(s);
            const bool may_hold = holds_resources(s.name);
            if (s.name.size() > 1 && s.name[0] == '_') s.name.erase(0, 1);
            out.push_back(std::move(s));
            if (!may_hold) continue;
            const auto type = types_.find(path_text(so_far));
            if (type != types_.end()) out.push_back({type->second, 0});
        }
        return out;
    }

    std::map<std::string, std::string> types_;
};

class reader {
public:
    reader(const fhir_handlers& to, const fhir_limits& limits) : to_(to), limits_(limits) {}

    status run(const next_piece& file) {
        auto first = file();
        if (!first) return first.error();
        const auto start = first->find_first_not_of("\xEF\xBB\xBF \t\r\n");
        xml_ = start != bytes_view::npos && (*first)[start] == '<';
        // The piece looked at is read again, first.
        const next_piece all = [&, again = true]() mutable -> result<bytes_view> {
            if (!std::exchange(again, false)) return file();
            return *first;
        };
        record_limits limits;
        limits.records = limits_.resources;
        limits.leaves_each = limits_.leaves_each;
        record_splitter splitter(xml_ ? "Bundle/entry" : "entry", handlers(), limits);
        const leaf_sink take = [&](leaf&& l) { return splitter.take(std::move(l)); };
        CAIRN_TRY(xml_ ? read_xml(all, take, for_xml()) : read_json(all, take, for_json()));
        CAIRN_TRY(splitter.finish());
        return finish();
    }

private:
    [[nodiscard]] xml_limits for_xml() const {
        xml_limits out;
        out.bytes = limits_.bytes;
        out.depth = limits_.depth;
        out.value_bytes = limits_.value_bytes;
        out.name_space = "http://hl7.org/fhir";
        out.beside = "http://www.w3.org/1999/xhtml";
        out.beside_prefix = "xhtml:";
        return out;
    }

    [[nodiscard]] json_limits for_json() const {
        json_limits out;
        out.bytes = limits_.bytes;
        out.depth = limits_.depth;
        out.value_bytes = limits_.value_bytes;
        return out;
    }

    record_handlers handlers() {
        record_handlers out;
        out.outside = [this](leaf&& l) -> status {
            if (outside_.size() == limits_.leaves_each)
                return fail(
                    errc::too_large,
                    at_leaf(l, "values of one resource, limit ") +
                        std::to_string(limits_.leaves_each)
                );
            const bool names_it = l.path.size() == 1 && l.path[0].name == type_member;
            if (!xml_ && names_it && is_type(l.value)) root_ = l.value;
            if (xml_) root_ = l.path.front().name;
            outside_.push_back(std::move(l));
            return {};
        };
        out.each = [this](record&& raw) {
            // A Bundle until it is known to be something else: only a Bundle is read by entries.
            if (xml_) root_ = "Bundle";
            return hand_over(std::move(raw), root_.empty() ? "Bundle" : root_, true);
        };
        return out;
    }

    [[nodiscard]] record form(record&& raw, const std::string& root) const {
        if (xml_) return xml_form(std::move(raw));
        const json_former former(raw);
        return former.form(std::move(raw), root);
    }

    status hand_over(record&& raw, const std::string& root, bool entry) {
        const auto at = raw.front().at;
        auto leaves = form(std::move(raw), root);
        if (leaves.empty()) return {};
        fhir_resource out;
        out.ordinal = ordinal_++;
        out.at = at;
        out.leaves = std::move(leaves);
        CAIRN_TRY(describe(out, entry ? 3 : 0));
        return to_.each(std::move(out));
    }

    // `at`: which step is the type's: after Bundle, entry and resource, or the root.
    static status describe(fhir_resource& r, std::size_t at) {
        for (const auto& l : r.leaves) {
            if (at != 0 && l.path.size() == 3 && l.path[2].name == "fullUrl") r.full_url = l.value;
            const bool in_resource = at == 0 || (l.path.size() > 2 && l.path[2].name == "resource");
            if (!in_resource || l.path.size() <= at) continue;
            const auto& name = l.path[at].name;
            if (!is_type(name))
                return fail(
                    errc::format_malformed, at_leaf(l, "a resource that does not say its type")
                );
            if (!r.type.empty() && r.type != name)
                return fail(
                    errc::format_malformed, at_leaf(l, "two resources where one is allowed")
                );
            r.type = name;
            r.depth = at + 1;
            if (l.path.size() == at + 2 && l.path[at + 1].name == "id") r.id = l.value;
        }
        return {};
    }

    status finish() {
        if (root_.empty())
            return fail(
                errc::format_malformed, place_text({}) + ": no FHIR resource, its type is missing"
            );
        if (root_ != "Bundle") return hand_over(std::move(outside_), root_, false);
        for (auto& l : form(std::move(outside_), root_)) CAIRN_TRY(to_.outside(std::move(l)));
        return {};
    }

    const fhir_handlers& to_;
    const fhir_limits& limits_;
    bool xml_ = false;
    std::string root_;
    record outside_;
    std::size_t ordinal_ = 0;
};

} // namespace

bool fhir_resource::holds(const leaf& l) const {
    return !type.empty() && l.path.size() > depth && l.path[depth - 1].name == type;
}

std::string fhir_resource::element(const leaf& l) const {
    return plain_path(l, depth);
}

status read_fhir(const next_piece& file, const fhir_handlers& to, const fhir_limits& limits) {
    return reader(to, limits).run(file);
}

bool looks_like_fhir(bytes_view head) {
    const auto start = head.find_first_not_of("\xEF\xBB\xBF \t\r\n");
    if (start == bytes_view::npos) return false;
    if (head[start] == '<') return head.find("http://hl7.org/fhir") != bytes_view::npos;
    return head[start] == '{' && head.find("\"resourceType\"") != bytes_view::npos;
}

} // namespace cairn::agents::formats
