#include "policy/proof/space.hpp"

#include "core/crypto.hpp"

#include <google/protobuf/descriptor.h>

#include <bit>
#include <map>

namespace cairn::policy {

namespace {

template <class Enum>
std::vector<Enum> values(const google::protobuf::EnumDescriptor* all, int first, int last) {
    std::vector<Enum> out;
    for (int v = first; v <= last; ++v) {
        if (all->FindValueByNumber(v)) out.push_back(static_cast<Enum>(v));
    }
    return out;
}

dimensions read_descriptors() {
    dimensions d;
    d.categories = values<v1::Category>(v1::Category_descriptor(), 1, v1::Category_MAX);
    // Those behind CONCERN stand in annotations and are resolved before a decision.
    d.subjects = values<v1::Subject>(v1::Subject_descriptor(), 1, v1::SUBJECT_CONCERN);
    d.roles = values<v1::Role>(v1::Role_descriptor(), 1, v1::Role_MAX);
    d.purposes = values<v1::Purpose>(v1::Purpose_descriptor(), 1, v1::Purpose_MAX);
    // A risk that nobody stated is a value: nothing opens by it.
    d.risks = values<v1::RiskLevel>(v1::RiskLevel_descriptor(), 0, v1::RiskLevel_MAX);
    for (const auto f : values<v1::Flag>(v1::Flag_descriptor(), 1, v1::Flag_MAX)) d.flags |= bit(f);
    d.bases = values<v1::LawfulBasis>(v1::LawfulBasis_descriptor(), 0, v1::LawfulBasis_MAX).size();
    return d;
}

// What a decision says, its rule left out.
std::uint32_t said(const decision& d) {
    return static_cast<std::uint32_t>(d.form << 16 | d.tier << 8 | d.reason);
}

// The bits of `set` inside `mask`, pushed together: the number of the set among next_set()'s.
std::uint32_t gathered(std::uint32_t set, std::uint32_t mask) {
    std::uint32_t out = 0;
    for (unsigned place = 0; mask != 0; mask &= mask - 1, ++place) {
        if (set & mask & (~mask + 1)) out |= 1U << place;
    }
    return out;
}

} // namespace

std::uint64_t dimensions::cells() const {
    return std::uint64_t(1) * categories.size() * subjects.size() * roles.size() * purposes.size() *
           risks.size();
}

std::uint64_t dimensions::points() const {
    return cells() << std::popcount(flags);
}

const dimensions& whole_space() {
    static const auto all = read_descriptors();
    return all;
}

space::space(const v1::Policy& policy, std::chrono::sys_days today)
    : index_(policy, today), tables_(index_.lists()) {
    each_cell([&](const point& cell) {
        const auto list = index_.list_of(cell);
        cells_.push_back(static_cast<std::uint32_t>(list));
        auto& t = tables_[list];
        if (t.used) return;
        t.used = true;
        t.flags = index_.flags_of(list);
        walk_all(t, cell);
    });
}

void space::walk_all(outcomes& t, point first) {
    t.begin = static_cast<std::uint32_t>(decided_.size());
    do {
        decided_.push_back(index_.decide(first));
        first.flags = next_set(first.flags, t.flags);
    } while (first.flags != 0);
}

std::uint32_t space::add_list(std::uint32_t flags, const std::vector<decision>& each) {
    tables_.push_back({flags, static_cast<std::uint32_t>(decided_.size()), true});
    decided_.insert(decided_.end(), each.begin(), each.end());
    return static_cast<std::uint32_t>(tables_.size() - 1);
}

const decision& space::at(std::uint32_t list, std::uint32_t flags) const {
    const auto& t = tables_[list];
    return decided_[t.begin + gathered(flags, t.flags)];
}

bool space::matters(std::uint32_t list, std::uint32_t flag) const {
    if (!tables_[list].used || !(flags_of(list) & flag)) return false;
    const auto others = flags_of(list) & ~flag;
    std::uint32_t set = 0;
    do {
        if (said(at(list, set)) != said(at(list, set | flag))) return true;
        set = next_set(set, others);
    } while (set != 0);
    return false;
}

bool space::matters(v1::Flag flag) const {
    for (std::uint32_t l = 0; l < lists(); ++l) {
        if (matters(l, bit(flag))) return true;
    }
    return false;
}

// What a list decides as bytes which depend on nothing else: the flags that change anything, then
// form, tier and reason for each set of them.
bytes space::canonical(std::uint32_t list) const {
    std::uint32_t matter = 0;
    for (auto left = flags_of(list); left != 0; left &= left - 1) {
        const auto flag = left & (~left + 1);
        if (matters(list, flag)) matter |= flag;
    }
    bytes out;
    put_u32(out, matter);
    std::uint32_t set = 0;
    do {
        put_u32(out, said(at(list, set)));
        set = next_set(set, matter);
    } while (set != 0);
    return out;
}

// Over the number of each cell's decisions in order of their first cell, then those decisions: no
// number of ours, no rule and no order of rows is in it.
digest space::semantic() const {
    std::map<bytes, std::uint32_t> known;
    std::vector<std::uint32_t> number(lists(), 0);
    bytes cells;
    bytes behind;
    cells.reserve(cells_.size() * 4);
    for (const auto list : cells_) {
        auto& n = number[list];
        if (n == 0) {
            const auto [at, fresh] =
                known.emplace(canonical(list), static_cast<std::uint32_t>(known.size() + 1));
            if (fresh) behind += at->first;
            n = at->second;
        }
        for (const int shift : {24, 16, 8, 0}) cells.push_back(static_cast<char>(n >> shift));
    }
    return sha256({"cairn policy decisions 1\n", cells, behind});
}

} // namespace cairn::policy
