#include "agents/profiles/fhir_graph.hpp"

#include "agents/profiles/fhir_codes.hpp"

#include <algorithm>
#include <cstring>

namespace cairn::agents::profiles {
namespace {

using formats::fhir_resource;

std::string_view value_at(const fhir_resource& r, std::string_view element) {
    for (const auto& l : r.leaves)
        if (r.holds(l) && r.element(l) == element) return l.value;
    return {};
}

// The element that says whose a resource is.
std::string subject_element(std::string_view type) {
    if (type == "Flag" || type == "CarePlan" || type == "CareTeam" || type == "Communication")
        return "subject";
    return type == "RelatedPerson" ? "patient" : "";
}

bool has_table(std::string_view type) {
    return type == "Patient" || !subject_element(type).empty();
}

bool is_safeguarding_plan(const fhir_resource& r) {
    return std::any_of(r.leaves.begin(), r.leaves.end(), [&](const auto& l) {
        return r.holds(l) && r.element(l) == "category/coding/code" &&
               fhir::value_of(fhir::plans(), l.value).has_value();
    });
}

bool is_cause(const fhir_resource& r) {
    if (r.type == "CarePlan") return is_safeguarding_plan(r);
    return r.type == "Flag" || r.type == "Communication";
}

// ".../Patient/1/_history/3" names the same Patient, in a version.
std::string_view without_version(std::string_view reference) {
    return reference.substr(0, reference.find("/_history/"));
}

bool is_absolute(std::string_view reference) {
    const auto colon = reference.find(':');
    return colon != std::string_view::npos && colon < reference.find('/');
}

// "https://host/fhir/" of "https://host/fhir/Patient/1"; empty for a urn.
std::string_view base_of(std::string_view full_url) {
    if (full_url.find("://") == std::string_view::npos) return {};
    const auto id = full_url.rfind('/');
    const auto type = id == 0 ? std::string_view::npos : full_url.rfind('/', id - 1);
    return type == std::string_view::npos ? std::string_view{} : full_url.substr(0, type + 1);
}

} // namespace

std::string_view left_out_because(const fhir_resource& r) {
    for (const auto& l : r.leaves) {
        if (!r.holds(l)) continue;
        const auto& first = l.path[r.depth].name;
        if (first == "modifierExtension")
            return "a modifier extension changes what the resource says: not carried";
        if (first == "implicitRules")
            return "rules that are not known here change what the resource says: not carried";
    }
    const auto status = value_at(r, "status");
    if (status == "entered-in-error") return "entered in error, by its status";
    if (r.type == "Communication" && (status == "preparation" || status == "not-done"))
        return "never sent, by its status";
    if (r.type == "CarePlan" && status == "draft") return "a draft, by its status";
    return {};
}

fhir_graph::key fhir_graph::key_of(std::initializer_list<std::string_view> parts) {
    std::string text;
    for (const auto part : parts) text += part;
    const auto digest = sha256(text);
    key out;
    std::memcpy(out.data(), digest.data(), sizeof(out));
    return out;
}

// Without a system a number says nothing about whose it is.
fhir_graph::key fhir_graph::key_of_number(std::string_view system, std::string_view number) {
    if (system.empty() || number.empty()) return {};
    std::string plain(number);
    // An NHS number is often written in groups.
    if (system == fhir::nhs_number_system)
        plain.erase(std::remove(plain.begin(), plain.end(), ' '), plain.end());
    return key_of({"number ", system, " ", plain});
}

fhir_graph::edge fhir_graph::edge_to(ordinal from, std::string_view reference, bool subject) const {
    const auto plain = without_version(reference);
    edge e{from, {}, {}, {}, subject};
    if (plain.substr(0, 1) == "#") {
        // A name that only the resource and what it contains know.
        e.to = e.relative = key_of({"in ", std::to_string(home_[from]), plain});
        return e;
    }
    e.to = is_absolute(plain) ? key_of({plain}) : key_of({base_[from], plain});
    e.relative = is_absolute(plain) ? key{} : key_of({"by name ", plain});
    return e;
}

// What others may call it.
void fhir_graph::add_names(ordinal at, const fhir_resource& r) {
    const auto add = [&](const key& name, ordinal whose) {
        const auto [known, fresh] = by_name_.emplace(name, std::pair{whose, false});
        if (!fresh && known->second.first != whose) known->second.second = true;
    };
    const auto home = "in " + std::to_string(home_[at]) + "#";
    if (r.inside) add(key_of({home}), home_[at]);
    if (!r.type.empty() && !r.id.empty())
        add(r.inside ? key_of({home, r.id}) : key_of({"by name ", r.type, "/", r.id}), at);
    if (r.type != "Patient") return;
    for (const auto& l : r.leaves) {
        if (!r.holds(l) || r.element(l) != "identifier/value") continue;
        const auto number = key_of_number(formats::beside(r.leaves, l, "system"), l.value);
        if (number != key{}) add(number, at);
    }
}

void fhir_graph::add_edges(ordinal at, const fhir_resource& r) {
    const auto subject = subject_element(r.type);
    const auto number = key_of_number(
        value_at(r, subject + "/identifier/system"), value_at(r, subject + "/identifier/value")
    );
    bool said = false;
    for (const auto& l : r.leaves) {
        if (!r.holds(l) || l.path.back().name != "reference" || l.value.empty()) continue;
        const auto element = r.element(l);
        if (element.rfind("contained/", 0) == 0) continue;
        const bool whose = element == subject + "/reference";
        edges_.push_back(edge_to(at, l.value, whose));
        if (whose) edges_.back().number = number;
        said = said || whose;
    }
    if (said || subject.empty() || value_at(r, subject + "/identifier/value").empty()) return;
    // A number of no system is nobody else's: it makes a patient of this resource alone.
    const auto own = number == key{} ? key_of({"alone ", std::to_string(at)}) : number;
    edges_.push_back({at, own, own, own, true});
}

status fhir_graph::add(const fhir_resource& r) {
    const auto at = static_cast<ordinal>(nodes_.size());
    nodes_.push_back({});
    home_.push_back(r.inside ? static_cast<ordinal>(*r.inside) : at);
    const auto base = base_of(r.full_url);
    if (r.inside)
        base_.push_back(base_[*r.inside]);
    else
        base_.push_back(base.empty() ? std::string_view{} : *bases_.emplace(base).first);
    if (!r.full_url.empty() && !by_url_.emplace(key_of({r.full_url}), at).second)
        return fail(
            errc::format_malformed,
            formats::place_text(r.at) + ": the fullUrl of the entry is given before"
        );
    add_names(at, r);
    auto& n = nodes_.back();
    n.patient = r.type == "Patient";
    n.carried = has_table(r.type) && left_out_because(r).empty();
    n.cause = n.carried && is_cause(r);
    n.tells = n.carried && r.type == "Communication";
    if (n.carried) add_edges(at, r);
    return {};
}

std::optional<fhir_graph::ordinal> fhir_graph::named(const key& name) const {
    if (name == key{}) return {};
    const auto found = by_name_.find(name);
    // Two of that name: nobody knows which is meant.
    if (found == by_name_.end() || found->second.second) return {};
    return found->second.first;
}

std::optional<fhir_graph::ordinal> fhir_graph::find(const edge& e) const {
    if (const auto url = by_url_.find(e.to); url != by_url_.end()) return url->second;
    if (const auto by_name = named(e.relative)) return by_name;
    return named(e.number);
}

void fhir_graph::settle() {
    resources_ = nodes_.size();
    std::stable_sort(edges_.begin(), edges_.end(), [](const edge& a, const edge& b) {
        return a.from < b.from;
    });
    settle_subjects();
    groups_.resize(resources_);
    first_edge_.assign(resources_ + 1, edges_.size());
    for (std::size_t i = edges_.size(); i-- > 0;) first_edge_[edges_[i].from] = i;
    for (std::size_t i = resources_; i-- > 0;)
        first_edge_[i] = std::min(first_edge_[i], first_edge_[i + 1]);
    find_circles();
    make_groups();
}

// A patient who is not in the file is one all the same: whoever names him alike is about him.
void fhir_graph::settle_subjects() {
    for (const auto& e : edges_) {
        auto& from = nodes_[e.from];
        if (!e.subject || from.subject) continue;
        if (const auto found = find(e)) {
            from.subject = *found;
            continue;
        }
        const auto next = static_cast<ordinal>(resources_ + outside_.size());
        const auto& by = e.relative == key{} ? e.to : e.relative;
        from.subject = outside_.emplace(by, next).first->second;
    }
    for (ordinal i = 0; i < resources_; ++i)
        if (nodes_[i].patient) nodes_[i].subject = i;
}

void fhir_graph::join(group g, ordinal n) {
    groups_[n].push_back(g);
    ++members_[g];
}

void fhir_graph::make_groups() {
    for (ordinal i = 0; i < resources_; ++i) {
        // Without a subject there is nobody to say it about.
        if (!nodes_[i].cause || !nodes_[i].subject) continue;
        const auto [it, fresh] =
            group_of_.emplace(*nodes_[i].subject, static_cast<group>(members_.size()));
        if (fresh) {
            members_.push_back(0);
            told_.push_back(false);
        }
        if (nodes_[i].tells) told_[it->second] = true;
    }
    for (ordinal i = 0; i < resources_; ++i) {
        if (!nodes_[i].carried || !nodes_[i].subject) continue;
        const auto g = group_of_.find(*nodes_[i].subject);
        if (g != group_of_.end()) join(g->second, i);
    }
    for (ordinal i = 0; i < resources_; ++i)
        if (nodes_[i].subject && !nodes_[i].patient && !groups_[i].empty()) draw_in(i);
}

std::optional<fhir_graph::ordinal> fhir_graph::follow(const edge& e) const {
    const auto to = e.subject ? std::nullopt : find(e);
    if (!to || !nodes_[*to].carried || nodes_[*to].patient) return {};
    return to;
}

// Every reference once, depth first: one to what is being followed just now closes a circle.
void fhir_graph::find_circles() {
    enum colour : std::uint8_t { untouched, open, done };
    std::vector<colour> colours(resources_, untouched);
    std::vector<std::pair<ordinal, std::size_t>> stack;
    for (ordinal start = 0; start < resources_; ++start) {
        if (colours[start] != untouched) continue;
        stack.emplace_back(start, first_edge_[start]);
        colours[start] = open;
        while (!stack.empty()) {
            auto& [at, next] = stack.back();
            if (next == first_edge_[at + 1]) {
                colours[at] = done;
                stack.pop_back();
                continue;
            }
            const auto& e = edges_[next++];
            const auto to = follow(e);
            if (!to) continue;
            if (colours[*to] == open) circles_.emplace(e.from, e.to);
            if (colours[*to] != untouched) continue;
            colours[*to] = open;
            stack.emplace_back(*to, first_edge_[*to]);
        }
    }
}

// From a resource of a patient to what it refers to and nobody is the subject of: a care team, and
// on. What is another patient's is never drawn in; so many at most, since many may share one list.
void fhir_graph::draw_in(ordinal start) {
    constexpr std::size_t drawn_most = 100;
    const auto g = groups_[start].front();
    std::vector<ordinal> way{start};
    std::set<ordinal> seen{start};
    while (!way.empty()) {
        const auto at = way.back();
        way.pop_back();
        for (auto i = first_edge_[at]; i != first_edge_[at + 1]; ++i) {
            const auto to = follow(edges_[i]);
            if (!to || nodes_[*to].subject || seen.size() > drawn_most) continue;
            if (!seen.insert(*to).second) continue;
            auto& in = groups_[*to];
            if (std::find(in.begin(), in.end(), g) == in.end()) join(g, *to);
            way.push_back(*to);
        }
    }
}

const std::vector<fhir_graph::group>& fhir_graph::groups_of(std::size_t resource) const {
    static const std::vector<group> none;
    return resource < groups_.size() ? groups_[resource] : none;
}

bool fhir_graph::closes_circle(std::size_t from, std::string_view reference) const {
    if (circles_.empty()) return false;
    const auto at = static_cast<ordinal>(from);
    return circles_.count({at, edge_to(at, reference, false).to}) != 0;
}

bool fhir_graph::bears(std::string_view system, std::string_view number) const {
    return named(key_of_number(system, number)).has_value();
}

bool fhir_graph::known(std::size_t from, std::string_view reference) const {
    return find(edge_to(static_cast<ordinal>(from), reference, false)).has_value();
}

} // namespace cairn::agents::profiles
