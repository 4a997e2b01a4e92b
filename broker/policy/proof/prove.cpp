#include "policy/proof/prove.hpp"

#include "policy/final_list.hpp"
#include "policy/proof/breaks.hpp"
#include "policy/proof/say.hpp"
#include "policy/proof/space.hpp"

namespace cairn::policy {

namespace {

v1::Invariant never_shown(const char* name, const char* title, const char* harm) {
    v1::Invariant i;
    i.set_name(name);
    i.set_title(title);
    i.set_guarantee(v1::Invariant::GUARANTEE_AT_MOST);
    i.set_form(v1::FORM_MASKED);
    i.set_harm(harm);
    return i;
}

std::vector<v1::Invariant> promised_by_the_broker() {
    auto address = never_shown(
        "broker 1",
        "A protected address goes to nobody outside the final list",
        "Whoever fled stands at the door again with the person they fled from."
    );
    address.add_categories(v1::CATEGORY_PROTECTED_ADDRESS);
    for (const auto r : whole_space().roles) {
        if (!may_see_protected_address(r)) address.add_roles(r);
    }
    auto law = never_shown(
        "broker 2",
        "What an Act or a court forbids is shown to nobody",
        "A secret that a law protects is out, and the sender has committed an offence."
    );
    law.add_when(v1::FLAG_STATUTORY_BAR);
    auto sealed = never_shown(
        "broker 3",
        "What is kept for the log is shown to nobody",
        "What only two people together may unseal lies in an inbox."
    );
    sealed.add_categories(v1::CATEGORY_SEALED);
    return {address, law, sealed};
}

} // namespace

std::vector<v1::Invariant> promises_of(const v1::Policy& policy) {
    auto out = promised_by_the_broker();
    out.insert(out.end(), policy.invariants().begin(), policy.invariants().end());
    return out;
}

proof prove(const v1::Policy& policy, std::chrono::sys_days today) {
    const space decided(policy, today);
    const auto rules = by_number(policy);
    const wording words(policy);
    proof out;
    out.points = whole_space().points();
    out.walks = decided.walks();
    out.semantic = decided.semantic();
    for (const auto& i : promises_of(policy)) {
        if (const auto b = first_broken(i, decided, rules)) {
            out.broken.push_back({i.name(), b->at, b->got, say_broken(words, i, *b)});
        }
    }
    return out;
}

digest semantic_digest(const v1::Policy& policy, std::chrono::sys_days today) {
    return space(policy, today).semantic();
}

} // namespace cairn::policy
