#include "policy/render/page.hpp"

#include "core/assert.hpp"
#include "core/html_text.hpp"
#include "policy/dates.hpp"
#include "policy/render/page_parts.hpp"
#include "policy/render/sentence.hpp"

#include <algorithm>

namespace cairn::policy {

namespace {

using html::escape;
using html::shown;

constexpr std::string_view css = R"css(
main, footer { max-width: none; }
p, ul, ol, dl { max-width: 60rem; }
a { color: #0b3d75; }
code { font-family: "Consolas", "DejaVu Sans Mono", monospace; }
:focus-visible, :target { outline: 3px solid #0b57a4; outline-offset: 2px; }
.questions, .proof { border: 3px solid #1a1a1a; margin: 1.25rem 0; padding: .25rem 1rem .75rem; }
.questions h2, .proof h2 { border-bottom: 0; margin: .5rem 0; }
.bad { border-color: #8a1f11; border-left-width: 12px; }
.verdict { font-weight: bold; }
.open { border: 1px solid #8a1f11; color: #8a1f11; font-size: .85rem; font-weight: bold;
  padding: 0 .35rem; }
.line { border-bottom: 1px solid #1a1a1a; min-height: 2.75rem; }
.sign { break-inside: avoid; }
nav li { padding: .2rem 0; }
@page { size: A4 landscape; margin: 12mm;
  @bottom-right { content: "Page " counter(page) " of " counter(pages); } }
)css";

void row(std::string& out, std::string_view term, std::string_view text) {
    out += "<div><dt>" + std::string(term) + "</dt><dd>" + shown(text) + "</dd></div>\n";
}

// "1,356,595,200"
std::string grouped(std::uint64_t n) {
    auto out = std::to_string(n);
    for (auto at = out.size(); at > 3;) out.insert(at -= 3, ",");
    return out;
}

void add_top(std::string& out, const table& policy, std::string_view today) {
    const auto& text = policy.source();
    const auto open = std::count_if(text.rules().begin(), text.rules().end(), unverified);
    out += "<h1>Policy " + shown(text.version()) + "</h1>\n<dl>\n";
    row(out, "Partnership", text.partnership());
    if (!text.valid_from().empty()) row(out, "First day", text.valid_from());
    row(out, "Last day", text.valid_until());
    if (!text.review_by().empty()) row(out, "To be read again by", text.review_by());
    row(out, "Seen on", today);
    row(out,
        "Rules",
        std::to_string(text.rules_size()) + ", of which " + std::to_string(open) +
            " are not verified by anybody");
    if (!text.previous().empty()) row(out, "Takes the place of", text.previous());
    for (const auto& f : text.findings()) row(out, "Led to by the review's finding", f);
    out += "<div><dt>Digest of the text</dt><dd><code>" + escape(policy.digest_hex()) +
           "</code></dd></div>\n</dl>\n<nav aria-label=\"On this page\">\n<ul>\n"
           "<li><a href=\"#open\">What its authors could not settle</a></li>\n"
           "<li><a href=\"#proof\">What is proved</a></li>\n"
           "<li><a href=\"#who\">Who sees what</a></li>\n"
           "<li><a href=\"#cases\">The cases</a></li>\n"
           "<li><a href=\"#rules\">The rules</a></li>\n"
           "<li><a href=\"#routes\">Which desks get a concern</a></li>\n"
           "<li><a href=\"#sign\">Signed</a></li>\n</ul>\n</nav>\n";
}

void add_questions(std::string& out, const v1::Policy& text) {
    out += "<section aria-labelledby=\"open\" class=\"questions\">\n<h2 id=\"open\">What its "
           "authors could not settle</h2>\n";
    if (text.questions().empty()) out += "<p>The text names no open question.</p>\n";
    for (const auto& q : text.questions()) {
        out += "<h3>" + shown(q.title()) + "</h3>\n<p>" + shown(q.text()) + "</p>\n<dl>\n";
        row(out, "Until it is settled", q.meanwhile());
        row(out, "Who settles it", q.owner().empty() ? "to be named" : q.owner());
        out += "</dl>\n";
    }
    out += "</section>\n";
}

const proof_result::broken_promise* broken(const proof_result& proof, const std::string& name) {
    for (const auto& b : proof.broken) {
        if (b.invariant == name) return &b;
    }
    return nullptr;
}

void promise(
    std::string& out,
    const std::string& title,
    const std::string& sentence,
    const std::optional<proof_result>& proof,
    const std::string& name
) {
    const auto* found = proof ? broken(*proof, name) : nullptr;
    out += "<li><span class=\"verdict\">";
    out += !proof ? "Not proved here" : found != nullptr ? "BROKEN" : "Holds everywhere";
    out += ":</span> " + shown(title);
    if (!sentence.empty()) out += ". " + shown(sentence);
    if (found != nullptr) out += "<p>" + shown(found->sentence) + "</p>";
    out += "</li>\n";
}

void add_proof(std::string& out, const v1::Policy& text, const std::optional<proof_result>& proof) {
    const bool bad = proof && !proof->broken.empty();
    out += "<section aria-labelledby=\"proof\" class=\"proof" + std::string(bad ? " bad" : "") +
           "\">\n<h2 id=\"proof\">What is proved</h2>\n";
    if (proof) {
        out += "<p>" +
               std::string(bad ? "The text breaks what it promises and is not to be used. " : "") +
               "Every point of the decision space was tried: " + grouped(proof->points) +
               " points, known after " + grouped(proof->walks) + " walks, by prover version " +
               std::to_string(proof->prover) + ". Digest of all decisions: <code>" +
               escape(proof->semantic_hex) + "</code></p>\n";
    } else {
        out += "<p>Not proved here: this page was made without a proof.</p>\n";
    }
    std::vector<std::string> stated;
    out += "<ul>\n";
    for (const auto& i : text.invariants()) {
        stated.push_back(i.name());
        promise(out, i.name() + ": " + i.title(), i.sentence(), proof, i.name());
    }
    // What the program holds of every text.
    for (const auto& b : proof ? proof->broken : std::vector<proof_result::broken_promise>{}) {
        if (std::find(stated.begin(), stated.end(), b.invariant) == stated.end()) {
            promise(out, b.invariant, {}, proof, b.invariant);
        }
    }
    if (text.invariants().empty()) out += "<li>The text itself promises nothing.</li>\n";
    out += "</ul>\n</section>\n";
}

void add_signing(std::string& out, const table& policy) {
    out += "<section aria-labelledby=\"sign\">\n<h2 id=\"sign\">Signed</h2>\n<p>I have read this "
           "page, made of the policy text with the digest <code>" +
           escape(policy.digest_hex()) +
           "</code>. I approve of its rules as they are printed here, but for those I have marked. "
           "By hand it is for people; the broker asks for the keys of author and officer "
           "(<code>cairn policy sign</code>).</p>\n";
    for (const char* who :
         {"Author of the text", "Data protection officer", "Caldicott Guardian"}) {
        out += "<div class=\"sign\">\n<h3>" + std::string(who) + "</h3>\n<dl>\n";
        for (const char* line : {"Name", "Date", "Signature"}) {
            out += "<div><dt>" + std::string(line) + "</dt><dd class=\"line\"></dd></div>\n";
        }
        out += "</dl>\n</div>\n";
    }
    out += "</section>\n";
}

} // namespace

std::string policy_page(
    const table& policy, const std::optional<proof_result>& proof, std::string_view today_iso
) {
    const auto& text = policy.source();
    const vocabulary words(text);
    const auto day = parse_day(today_iso);
    CAIRN_ASSERT(day, "the caller knows what day it is");
    const outcomes all(policy, *day);
    auto out = html::page_begin(
        "Policy " + text.version() + " of " + text.partnership() + ", " +
            policy.digest_hex().substr(0, 8),
        std::string(css) + std::string(matrix_css)
    );
    add_top(out, policy, today_iso);
    add_questions(out, text);
    add_proof(out, text, proof);
    add_matrix(out, words, all);
    add_cases(out, policy, words, all);
    add_rules(out, policy, words);
    add_signing(out, policy);
    out +=
        html::page_end("<footer><p>Made from the policy text by its own program. Nothing here is "
                       "legal advice.</p></footer>\n");
    return out;
}

} // namespace cairn::policy
