#include "agents/core/html_parts.hpp"

#include "agents/core/html_rows.hpp"
#include "agents/core/html_text.hpp"
#include "agents/core/labels.hpp"

#include <google/protobuf/descriptor.h>

#include <algorithm>

namespace cairn::agents {
namespace {

namespace v1 = ::cairn::v1;

std::string subject_words(v1::Subject subject) {
    const auto* value = v1::Subject_descriptor()->FindValueByNumber(subject);
    const auto words = value == nullptr ? std::string_view{} : value_label(*value);
    return words.empty() ? "somebody else" : std::string(words);
}

// The same category of the same kind of person, in that person's own record: then the reader sees
// it twice, once shown and once not, and must be told that these are two places.
const v1::Withheld* twin_of(const v1::Notice& n, const v1::Withheld& w) {
    if (w.about() == v1::SUBJECT_UNSPECIFIED) return nullptr;
    for (const auto& other : n.withheld()) {
        if (other.category() != w.category() || other.person_ref().empty()) continue;
        for (const auto& p : n.content().persons())
            if (p.ref() == other.person_ref() && p.role() == w.about()) return &other;
    }
    return nullptr;
}

std::string what(const v1::Notice& n, const v1::Withheld& w) {
    if (w.category() == v1::CATEGORY_UNSPECIFIED) return "Other information is held";
    auto out = capital(std::string(category_label(w.category())));
    if (w.about() != v1::SUBJECT_UNSPECIFIED) {
        out += " of another person (" + subject_words(w.about()) + "), where ";
        out += w.person_ref().empty()
                   ? "the concern itself mentions it, for example as a risk factor"
                   : "it stands in this person's record";
    }
    if (w.partly_shown()) return out + ": part of it, or a shorter form, is shown";
    return out + (twin_of(n, w) != nullptr ? ": this mention is not shown" : ": not shown");
}

std::string why(const v1::Withheld& w) {
    if (!w.sentence().empty()) return w.sentence();
    const auto* reason = v1::ReasonCode_descriptor()->FindValueByNumber(w.reason());
    const auto words = reason == nullptr ? std::string_view{} : value_label(*reason);
    return words.empty() ? "The notice gives no reason." : capital(std::string(words)) + ".";
}

void entry(std::string& out, const v1::Notice& n, const v1::Withheld& w) {
    out += "<li><p><strong>" + escape(what(n, w)) + ".</strong> " + shown(why(w));
    if (const auto* twin = twin_of(n, w); twin != nullptr)
        out += " This is apart from what is said above about " +
               shown(person_title(n.content(), twin->person_ref())) + ".";
    const auto ask = w.ask().find('/') == std::string::npos ? w.ask() : desk_label(w.ask());
    if (!ask.empty() && w.sentence().find(w.ask()) == std::string::npos)
        out += " Ask " + shown(ask) + ".";
    out += "</p>";
    if (!w.challenge_id().empty())
        out += "<p>Challenge reference: <code>" + escape(w.challenge_id()) + "</code></p>";
    out += "</li>\n";
}

// Refs in the order of persons; the concern as a whole last, for it refers to what stands above.
std::vector<std::string> whom(const v1::Notice& n) {
    std::vector<std::string> out;
    for (const auto& p : n.content().persons()) out.push_back(p.ref());
    for (const auto& w : n.withheld())
        if (!w.person_ref().empty() && std::count(out.begin(), out.end(), w.person_ref()) == 0)
            out.push_back(w.person_ref());
    out.emplace_back();
    return out;
}

} // namespace

void add_hidden(std::string& out, const v1::Notice& n) {
    out += "<section aria-labelledby=\"hidden\">\n"
           "<h2 id=\"hidden\">What is hidden from you, and why</h2>\n";
    if (n.withheld().empty()) {
        out += "<p>Nothing that the sender wrote is listed as hidden from your desk.</p>\n";
    } else {
        out += "<p>What is listed here exists and is not shown to you, or not in full. If you need "
               "it to protect a child, ask the person named, or send a challenge and quote its "
               "reference: a challenge must be answered. In danger to life ring 999 and ask.</p>\n";
    }
    for (const auto& ref : whom(n)) {
        std::string items;
        for (const auto& w : n.withheld())
            if (w.person_ref() == ref) entry(items, n, w);
        if (items.empty()) continue;
        const auto title = ref.empty() ? std::string("The concern as a whole")
                                       : capital(person_title(n.content(), ref));
        out += "<h3>" + shown(title) + "</h3>\n<ul class=\"held\">\n" + items + "</ul>\n";
    }
    if (n.unknown_fields_dropped() != 0)
        out += "<p>" + std::to_string(n.unknown_fields_dropped()) +
               " fields that the broker does not know were dropped; the sender was told.</p>\n";
    out += "</section>\n";
}

} // namespace cairn::agents
