#include "agents/core/html_parts.hpp"

#include "agents/core/html_rows.hpp"
#include "agents/core/html_text.hpp"
#include "agents/core/labels.hpp"
#include "agents/core/uk_time.hpp"

#include <algorithm>

namespace cairn::agents {
namespace {

namespace v1 = ::cairn::v1;

class warnings {
public:
    explicit warnings(const v1::Notice& n) : n_(n) {}

    std::string items;

    void all() {
        hidden_addresses();
        for (const auto& p : n_.content().persons()) shown_address(p);
        family();
        for (const auto& p : n_.content().persons()) person(p);
    }

private:
    void add(std::string_view head, const std::string& rest) {
        items += "<li><strong>" + escape(head) + "</strong> " + rest + "</li>\n";
    }

    static std::string ask(const v1::Withheld& w) {
        return shown(w.ask().find('/') == std::string::npos ? w.ask() : desk_label(w.ask()));
    }

    void hidden_addresses() {
        for (const auto& w : n_.withheld()) {
            if (w.category() != v1::CATEGORY_PROTECTED_ADDRESS) continue;
            const auto whom = w.person_ref().empty() ? std::string("somebody in this concern")
                                                     : person_title(n_.content(), w.person_ref());
            add("Safe address: do not look for it.",
                "Where " + shown(whom) +
                    " lives, or how to reach them, is kept back because showing it could put "
                    "somebody in danger. Do not search for it, do not ask others for it, and do "
                    "not write to or ring an old address or number. To make contact, ask " +
                    ask(w) + ".");
        }
    }

    void shown_address(const v1::Person& p) {
        const auto may_harm = [](const auto& x) { return x.harm() != v1::Address::HARM_SAFE; };
        const bool address = std::any_of(p.addresses().begin(), p.addresses().end(), may_harm);
        const bool contact = std::any_of(p.contacts().begin(), p.contacts().end(), may_harm);
        if (!address && !contact) return;
        add("Safe address: do not pass it on.",
            "This page shows an address or number of " + shown(person_title(p)) +
                " that others may not have. Keep it out of letters, minutes and messages, and "
                "lock this page away.");
    }

    void family() {
        switch (n_.content().family_informed().answer()) {
        case v1::FamilyInformed::ANSWER_NO_UNSAFE:
            add("The family has not been told.",
                "The sender judged that telling them would not be safe. Speak to the sender "
                "before you do.");
            break;
        case v1::FamilyInformed::ANSWER_NO_IMPRACTICABLE:
        case v1::FamilyInformed::ANSWER_NO_TIME:
            add("The family has not been told yet.", "Agree with the sender who tells them.");
            break;
        default:
            break;
        }
    }

    void person(const v1::Person& p) {
        const auto whom = shown(person_title(p));
        if (p.wishes_anonymity())
            add("Do not say who raised the concern.", whom + " wishes to stay anonymous.");
        for (const auto& r : p.relations())
            if (r.may_collect() == v1::Relation::ANSWER_NO)
                add("Who may not collect the child.",
                    whom + " may not collect " + shown(person_title(n_.content(), r.to_ref())) + "."
                );
        for (const auto& o : p.orders()) order(o, whom);
        for (const auto& c : p.health().conditions())
            if (!c.needs_treatment_by().empty())
                add("Treatment is needed.",
                    whom + ": by " + shown(written_time(c.needs_treatment_by())) + ".");
        if (p.characteristics().interpreter_needed())
            add("An interpreter is needed.",
                whom + (p.characteristics().language().empty()
                            ? "."
                            : ": " + shown(p.characteristics().language()) + "."));
        if (p.use_restricted())
            add("Use restricted.",
                "What is held about " + whom +
                    " may be used to protect somebody and for nothing else without asking the "
                    "sender (UK GDPR Art 18).");
        if (p.deceased()) add("Has died.", whom + ".");
    }

    void order(const v1::Order& o, const std::string& whom) {
        if (o.to_enforce().empty()) return;
        auto text = whom + ": " + shown(o.to_enforce());
        if (o.has_until()) text += " (until " + escape(partial_date(o.until())) + ")";
        add("An order to be enforced.", text + ".");
    }

    const v1::Notice& n_;
};

} // namespace

void add_warnings(std::string& out, const v1::Notice& n) {
    warnings w(n);
    w.all();
    if (w.items.empty()) return;
    out += "<section aria-labelledby=\"care\" class=\"care\">\n<h2 id=\"care\">Take care</h2>\n"
           "<ul>\n" +
           w.items + "</ul>\n</section>\n";
}

} // namespace cairn::agents
