#include "policy/testing/change.hpp"

#include "policy/exclusions.hpp"
#include "policy/final_list.hpp"

#include <map>
#include <tuple>

namespace cairn::policy {

namespace {

bool alike(const decision& a, const decision& b) {
    return a.form == b.form && a.tier == b.tier && a.reason == b.reason;
}

template <class Enum>
std::vector<Enum> within(const std::vector<Enum>& all, std::uint32_t set) {
    std::vector<Enum> out;
    for (const auto v : all) {
        if ((set >> static_cast<unsigned>(v) & 1) != 0) out.push_back(v);
    }
    return out;
}

void add(row& where, const point& p) {
    const auto bit_of = [](int value) { return 1U << static_cast<unsigned>(value); };
    where.categories |= bit_of(p.category);
    where.subjects |= bit_of(p.subject);
    where.roles |= bit_of(p.role);
    where.purposes |= bit_of(p.purpose);
    where.risks |= bit_of(p.risk);
}

// A list as it is walked after the change.
struct rewalked {
    // Where every point is decided as before, by the same rule: nothing to put in its place.
    std::optional<std::uint32_t> list;
    // Of the sets of flags that say something else the first that can be, and the first.
    std::optional<std::uint32_t> first;
    std::optional<std::uint32_t> first_of_any;
};

class changer {
public:
    changer(
        const space& was,
        const rows& after,
        const std::optional<row>& gone,
        const std::optional<row>& come
    )
        : was_(was), after_(after), gone_(gone), come_(come), out_{was, {}, {}} {}

    changed_space all();

private:
    // What only other values of a list keep apart is walked the same where both rows speak.
    [[nodiscard]] bool same_effect() const {
        return gone_ && come_ && gone_->when == come_->when && gone_->unless == come_->unless &&
               gone_->then == come_->then;
    }
    void look_at(const point& cell);
    rewalked walk(std::uint32_t list, point cell);
    void note(const point& cell, const rewalked& now);

    const space& was_;
    const rows& after_;
    const std::optional<row>& gone_;
    const std::optional<row>& come_;
    // By list, and by whether the rows gone and come speak.
    std::map<std::tuple<std::uint32_t, bool, bool>, rewalked> known_;
    std::optional<point> first_of_any_;
    changed_space out_;
};

rewalked changer::walk(std::uint32_t list, point cell) {
    const auto here = after_.speaking_of(cell);
    const auto flags = here.flags() | was_.flags_of(list);
    std::vector<decision> each;
    rewalked out;
    bool other = false;
    cell.flags = 0;
    do {
        each.push_back(here.decide(cell));
        const auto& before = was_.at(list, cell.flags);
        other = other || !(each.back() == before);
        if (!alike(each.back(), before)) {
            if (!out.first_of_any) out.first_of_any = cell.flags;
            if (!out.first && can_hold_together(cell.flags)) out.first = cell.flags;
        }
        cell.flags = next_set(cell.flags, flags);
    } while (cell.flags != 0);
    if (other) out.list = out_.decided.add_list(flags, each);
    return out;
}

void changer::note(const point& cell, const rewalked& now) {
    if (!now.list) return;
    out_.decided.give(cell, *now.list);
    add(out_.where, cell);
    const auto take = [&](std::optional<point>& into, const std::optional<std::uint32_t>& flags) {
        if (into || !flags) return;
        into = cell;
        into->flags = *flags;
    };
    take(out_.first, now.first);
    take(first_of_any_, now.first_of_any);
}

void changer::look_at(const point& cell) {
    const bool gone = gone_ && gone_->speaks_of(cell);
    const bool come = come_ && come_->speaks_of(cell);
    if (!gone && !come) return;
    if (gone && come && same_effect()) return;
    if (built_in(cell)) return;
    const auto list = was_.list_of(cell);
    const auto [at, fresh] = known_.try_emplace(std::tuple(list, gone, come));
    if (fresh) at->second = walk(list, cell);
    note(cell, at->second);
}

changed_space changer::all() {
    row region;
    for (const auto* r : {&gone_, &come_}) {
        if (!*r) continue;
        region.categories |= (*r)->categories;
        region.subjects |= (*r)->subjects;
        region.roles |= (*r)->roles;
        region.purposes |= (*r)->purposes;
        region.risks |= (*r)->risks;
    }
    const auto& s = whole_space();
    const auto subjects = within(s.subjects, region.subjects);
    const auto roles = within(s.roles, region.roles);
    const auto purposes = within(s.purposes, region.purposes);
    const auto risks = within(s.risks, region.risks);
    for (const auto c : within(s.categories, region.categories)) {
        for (const auto about : subjects) {
            for (const auto r : roles) {
                for (const auto u : purposes) {
                    for (const auto k : risks) look_at({c, about, r, u, k, 0});
                }
            }
        }
    }
    if (!out_.first) out_.first = first_of_any_;
    return std::move(out_);
}

} // namespace

changed_space change_of(
    const space& was,
    const rows& after,
    const std::optional<row>& gone,
    const std::optional<row>& come
) {
    return changer(was, after, gone, come).all();
}

} // namespace cairn::policy
