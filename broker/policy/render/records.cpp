#include "policy/render/records.hpp"

#include "policy/render/disclosures.hpp"
#include "policy/render/vocabulary.hpp"

#include <algorithm>

namespace cairn::policy {

namespace {

// A policy's words in a cell of a table: nothing in them is markup.
std::string md(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '\n' || c == '\r') {
            out += ' ';
            continue;
        }
        if (std::string_view("\\|*_`[]<>#").find(c) != std::string_view::npos) out += '\\';
        out += c;
    }
    return out;
}

template <class Set>
std::string words_of(const vocabulary& words, const Set& these) {
    std::vector<std::string> out;
    for (const auto v : these) out.push_back(words.word(v));
    return md(joined(out, "and"));
}

std::string fill_in(std::string_view what, std::string_view who) {
    return "- **To be filled in by " + std::string(who) + ":** " + std::string(what) + "\n";
}

void add_head(
    std::string& out, const table& policy, std::string_view title, std::string_view from
) {
    const auto& text = policy.source();
    out +=
        "# " + std::string(title) + "\n\nMade by `cairn policy " + std::string(from) +
        "` from the policy text \"" + md(text.version()) + "\" of " + md(text.partnership()) +
        ", good until " + md(text.valid_until()) + ", digest `" + policy.digest_hex() +
        "`. It says what that text decides and is made anew with each text. It is a draft for the "
        "data protection officer and no legal advice; whether its headings are all that the law "
        "asks for is for the officer to verify.\n\n";
}

std::vector<v1::Category> with_form(const std::map<v1::Category, v1::Form>& forms, v1::Form form) {
    std::vector<v1::Category> out;
    for (const auto& [c, f] : forms) {
        if (f == form) out.push_back(c);
    }
    return out;
}

void add_recipients(std::string& out, const vocabulary& words, const disclosures& d) {
    // Desks that get the same stand together.
    std::map<std::map<v1::Category, v1::Form>, std::set<v1::Role>> desks;
    for (const auto& [role, forms] : d.forms) desks[forms].insert(role);
    out += "| desk | at most in full | at most in a shorter form | at most as a token |\n"
           "|---|---|---|---|\n";
    for (const auto& [forms, of] : desks) {
        out += "| " + md(words.span<v1::Role>(of, v1::Role_MAX, "every desk"));
        for (const auto form : {v1::FORM_FULL, v1::FORM_GENERALISED, v1::FORM_PSEUDONYM}) {
            const auto these = words_of(words, with_form(forms, form));
            out += " | " + (these.empty() ? "nothing" : these);
        }
        out += " |\n";
    }
    out += "\n";
}

void add_data(std::string& out, const vocabulary& words, const disclosures& d) {
    out += "| data | about |\n|---|---|\n";
    for (const auto& [category, subjects] : d.subjects) {
        out += "| " + md(words.word(category)) + " | " +
               md(words.span<v1::Subject>(subjects, v1::SUBJECT_CONCERN, "anybody")) + " |\n";
    }
    out += "\n";
}

void add_routes(std::string& out, const vocabulary& words, const disclosures& d) {
    out += "| provision that the rules name | for |\n|---|---|\n";
    for (const auto& [basis, categories] : d.routes) {
        out += "| " + md(basis_words(basis)) + " | " + words_of(words, categories) + " |\n";
    }
    for (const auto number : d.without_route) {
        out += "| none: rule " + std::to_string(number) + " names no provision | |\n";
    }
    out += "\n";
}

constexpr std::string_view retention =
    "PROPOSED, to be confirmed by the partnership: content until every desk has confirmed it and "
    "30 days more, at most 90 days, then its key is destroyed; the log, which names nobody, 7 "
    "years. Not built yet: nothing is erased by date today. What a desk has taken into its own "
    "record follows that agency's retention.\n\n";

constexpr std::string_view security =
    "Mutual TLS 1.3 with pinned certificates; content sealed on disk, each concern under a key of "
    "its own; a decision with its reason for every cell; a log in which any change is found. What "
    "is defended against whom, and what is not: `docs/THREAT_MODEL.md`; what holds at any moment "
    "and the test that shows it: `docs/ARCHITECTURE.md`.\n\n";

v1::Purpose purpose_at(int v) {
    return static_cast<v1::Purpose>(v);
}

// Conditions for what an appropriate policy document is about.
bool special(v1::LawfulBasis b) {
    return (b >= v1::LAWFUL_BASIS_9B && b <= v1::LAWFUL_BASIS_S1P10);
}

bool any_special(const disclosures& d) {
    return std::any_of(d.routes.begin(), d.routes.end(), [](const auto& r) {
        return special(r.first);
    });
}

void add_conditions(std::string& out, const vocabulary& words, const disclosures& d) {
    out += "| condition that the rules name | for |\n|---|---|\n";
    for (const auto& [basis, categories] : d.routes) {
        if (!special(basis)) continue;
        out += "| " + md(basis_words(basis)) + " | " + words_of(words, categories) + " |\n";
    }
    out += "\n";
}

constexpr std::string_view principles =
    "## How the principles are kept (UK GDPR Art 5)\n\n"
    "| principle | what the broker does | what it cannot do |\n|---|---|---|\n"
    "| lawful, fair, open | every decision names its rule, and the rule its provisions; a desk is "
    "told that something is held, why it is not shown and whom to ask | it cannot tell the family; "
    "the sender says whether it was told, and why not |\n"
    "| for a purpose | the purpose of each concern is part of every decision; a certificate is "
    "bound to its purposes | it does not see what a desk does with a notice |\n"
    "| no more than needed | each cell has its form: in full, shorter, a token, held, silent | "
    "free "
    "text may tell more than its cell; who sees it in full is decided apart |\n"
    "| accurate | facts, opinions and allegations stand apart; a correction reaches every desk "
    "that "
    "had the notice | it does not know what is true |\n"
    "| no longer than needed | see Retention | see Retention |\n"
    "| safe | see Security | the host that holds the partnership's key can read content |\n"
    "| accounted for | every disclosure and every refusal is in a log that auditors verify | |\n\n";

} // namespace

std::string record_of_processing(const table& policy, std::chrono::sys_days today) {
    const vocabulary words(policy.source());
    const outcomes all(policy, today);
    std::string out;
    add_head(out, policy, "Record of processing (UK GDPR Art 30)", "ropa");
    out += "## Whose record\n\n";
    out += fill_in(
        "name and contact of each controller, of joint controllers, of their data protection "
        "officers. Each agency is a controller of its own; health and schools are many.",
        "each agency"
    );
    out += fill_in(
        "whether who runs the broker is a processor or a joint controller (not settled).",
        "the partnership"
    );
    out += fill_in("transfers out of the United Kingdom, and their safeguards.", "the partnership");
    out += "\n";
    std::vector<std::string> idle;
    for (int v = 1; v <= v1::Purpose_MAX; ++v) {
        const auto title = words.word(purpose_at(v));
        const auto d = disclosed_for(policy, all, purpose_at(v));
        if (d.empty()) {
            idle.push_back(title);
            continue;
        }
        out += "## Purpose: " + md(title) + "\n\n";
        add_data(out, words, d);
        add_recipients(out, words, d);
        add_routes(out, words, d);
    }
    if (!idle.empty()) {
        out += "## Purposes for which nothing is shown\n\n" + md(joined(idle, "and")) + ".\n\n";
    }
    out += "## Retention\n\n" + std::string(retention) + "## Security\n\n" + std::string(security);
    out += fill_in("each agency's own measures where notices arrive.", "each agency");
    return out;
}

std::string appropriate_policy_document(const table& policy, std::chrono::sys_days today) {
    const vocabulary words(policy.source());
    const outcomes all(policy, today);
    std::string out;
    add_head(out, policy, "Appropriate policy document (DPA 2018 Sch 1 Part 4)", "apd");
    out +=
        "Where the rules name DPA 2018 Sch 1 para 18, the sender states why there is no consent: "
        "it cannot be given, cannot reasonably be obtained, or asking for it would prejudice the "
        "child's protection.\n\n";
    for (int v = 1; v <= v1::Purpose_MAX; ++v) {
        const auto d = disclosed_for(policy, all, purpose_at(v));
        if (!any_special(d)) continue;
        out += "## Purpose: " + md(words.word(purpose_at(v))) + "\n\n";
        add_conditions(out, words, d);
        std::set<v1::Role> roles;
        for (const auto& [role, forms] : d.forms) roles.insert(role);
        const auto desks = words.span<v1::Role>(roles, v1::Role_MAX, "every desk");
        out += "Recipients: " + md(desks) + ".\n\n";
        out += fill_in(
            "why these conditions are met for this purpose, in the officer's own words.",
            "the data protection officer"
        );
        out += "\n";
    }
    out += principles;
    out += "## Retention\n\n" + std::string(retention) + "## Security\n\n" + std::string(security);
    out += "## Kept by\n\n";
    out += fill_in("who keeps this document, and the day it is read again.", "the controller");
    out += fill_in(
        "a document of each controller's own, where the law asks it of each.", "each agency"
    );
    return out;
}

} // namespace cairn::policy
