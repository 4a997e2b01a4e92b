// Which resources of a FHIR file say something about which patient: a first reading of the file,
// before any of it is mapped. Holds a few dozen bytes a resource and none of its values but hashes.
//
// A concern is made for each patient who is the subject of a Flag, a Communication or a plan of
// CP-IS: such a resource says that there is something to tell, where a Patient alone only says that
// somebody exists.
#pragma once

#include "agents/formats/fhir.hpp"
#include "core/crypto.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace cairn::agents::profiles {

// Why a resource is not carried at all; empty where it is. Entered in error, not sent, a draft; or
// it holds a modifier extension, which changes what it says in a way nobody here knows.
std::string_view left_out_because(const formats::fhir_resource& r);

class fhir_graph {
public:
    using ordinal = std::uint32_t;
    // One patient's resources.
    using group = std::uint32_t;

    // In the file's order. errc::format_malformed where a fullUrl is given twice.
    status add(const formats::fhir_resource& r);
    // After the last: settles who belongs to whom.
    void settle();

    // Groups of a resource, most often one; empty: it says nothing about a patient of a concern.
    [[nodiscard]] const std::vector<group>& groups_of(std::size_t resource) const;
    [[nodiscard]] std::size_t group_count() const { return members_.size(); }
    [[nodiscard]] std::size_t member_count(group g) const { return members_[g]; }
    // Something is told of the patient: a Communication is among the group's resources.
    [[nodiscard]] bool is_told(group g) const { return told_[g]; }
    // The reference closes a circle, and was not followed again.
    [[nodiscard]] bool closes_circle(std::size_t from, std::string_view reference) const;
    // Whether what a reference names is in the file.
    [[nodiscard]] bool known(std::size_t from, std::string_view reference) const;
    // Whether one patient of the file, and no second, bears the number.
    [[nodiscard]] bool bears(std::string_view system, std::string_view number) const;

private:
    using key = std::array<std::uint64_t, 2>;
    struct key_hash {
        std::size_t operator()(const key& k) const { return k[0]; }
    };
    struct node {
        // Whose it is: the patient's node, or one made for a patient not in the file.
        std::optional<ordinal> subject;
        bool carried = false;
        bool cause = false;
        bool tells = false;
        bool patient = false;
    };
    struct edge {
        ordinal from;
        key to;
        key relative;
        // Of the patient meant, where his number is given beside the reference or alone.
        key number;
        bool subject;
    };

    static key key_of(std::initializer_list<std::string_view> parts);
    static key key_of_number(std::string_view system, std::string_view number);
    void add_names(ordinal at, const formats::fhir_resource& r);
    void add_edges(ordinal at, const formats::fhir_resource& r);
    [[nodiscard]] std::optional<ordinal> named(const key& name) const;
    [[nodiscard]] std::optional<ordinal> find(const edge& e) const;
    [[nodiscard]] edge edge_to(ordinal from, std::string_view reference, bool subject) const;
    void settle_subjects();
    void make_groups();
    [[nodiscard]] std::optional<ordinal> follow(const edge& e) const;
    void find_circles();
    void draw_in(ordinal start);
    void join(group g, ordinal n);

    std::vector<node> nodes_;
    // Base of the entry's own fullUrl, where it has one: what relative references are relative to.
    std::vector<std::string_view> base_;
    // Of a contained resource the one around it: whose names in "#" it knows.
    std::vector<ordinal> home_;
    std::set<std::string, std::less<>> bases_;
    // By where they begin; first_edge_[n] is the first of node n.
    std::vector<edge> edges_;
    std::vector<std::size_t> first_edge_;
    // fullUrl; and "Type/id", "#id" in its home, a patient's numbers; the second value: given by
    // more than one.
    std::unordered_map<key, ordinal, key_hash> by_url_;
    std::unordered_map<key, std::pair<ordinal, bool>, key_hash> by_name_;
    std::unordered_map<key, ordinal, key_hash> outside_;
    std::size_t resources_ = 0;
    std::vector<std::vector<group>> groups_;
    std::vector<std::uint32_t> members_;
    std::vector<bool> told_;
    std::map<ordinal, group> group_of_;
    std::set<std::pair<ordinal, key>> circles_;
};

} // namespace cairn::agents::profiles
