#include "redaction/detriment_reason.hpp"

#include "redaction/fold.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace cairn::redaction {
namespace {

using words = std::vector<std::string>;

// Anywhere in the text, spaces and punctuation left out: "G.D.P.R.", "data-protection". As people
// write them, too.
constexpr std::string_view protection_stems[] = {
    "gdpr",
    "gpdr",
    "gdrp",
    "dataprotection",
    "dataprivacy",
    "privacy",
    "confidential",
    "confidental",
    "consent",
    "caldicott",
    "personaldata",
    "sensitivedata",
    "specialcategory",
    "datacontroller",
    "datasharing",
    "humanrights",
    "privatelife",
    "lawfulbasis",
    "legalbasis",
    "informationgovernance",
    "dutyofsecrecy",
    "permission",
    "notourstoshare",
    "informationsharingagreement",
};

// Whole words: in the middle of others they are chance ("and parents").
constexpr std::string_view protection_words[] = {"dpa", "dpo", "ico", "ig", "private"};

// Somebody's will, beside sharing: "mum did not want us to share it".
constexpr std::string_view will_stems[] = {
    "agree", "allow", "asked", "declin", "disagree", "happy", "object", "refus", "want", "wish"};
constexpr std::string_view sharing_stems[] = {
    "disclos", "pass", "share", "sharing", "tell", "told"};

// What somebody could come to, as the beginning of a word and as a whole one.
constexpr std::string_view harm_stems[] = {
    "abduct", "abscond",  "assault",  "attack",  "beaten",  "beating", "disengag",  "fled",
    "flee",   "hurt",     "kidnap",   "kill",    "molest",  "murder",  "overdos",   "punish",
    "rape",   "reprisal", "retaliat", "revenge", "strangl", "suicid",  "trafficke", "violen"};
constexpr std::string_view harm_words[] = {
    "beat", "beats", "hit", "hits", "hitting", "stab", "stabbed", "stalk", "stalking"};
// Several words, in one clause.
constexpr std::string_view harm_phrases[] = {
    "driveaway",      "drivethefamilyaway", "endherlife",   "endhislife",     "findher",
    "findhim",        "findoutwhere",       "findthechild", "findthefamily",  "findthem",
    "forcedmarriage", "harmherself",        "harmhimself",  "harmthemselves", "honourbased",
    "honourkilling",  "moveaway",           "ranaway",      "runaway",        "runningaway",
    "selfharm",       "stopattending",      "stopcoming",   "stopseeing",     "stoptaking",
    "stoptalking",    "stopusing",          "takeheraway",  "takehimaway",    "takethechild",
    "thrownout",      "throwherout",        "throwhimout",  "tracedher",      "traceher",
    "tracethem",      "trackdown",          "trackherdown", "trackthemdown"};

// What takes the harm back, anywhere before it in its clause.
constexpr std::string_view denials[] = {
    "no",    "not",      "none",   "never",   "nobody", "nothing", "without", "neither",
    "nor",   "unlikely", "cannot", "cant",    "dont",   "doesnt",  "didnt",   "isnt",
    "arent", "wasnt",    "wont",   "wouldnt", "hasnt",  "havent"};
// Words that begin another clause, as a full stop does.
constexpr std::string_view joints[] = {"because", "since", "but", "though", "otherwise", "else"};

template <class List>
bool one_of(const List& list, std::string_view word) {
    return std::find(std::begin(list), std::end(list), word) != std::end(list);
}

template <class List>
bool begins_with_one(const List& list, std::string_view word) {
    return std::any_of(std::begin(list), std::end(list), [&](std::string_view stem) {
        return word.starts_with(stem);
    });
}

template <class List>
bool holds_one(const List& list, std::string_view text) {
    return std::any_of(std::begin(list), std::end(list), [&](std::string_view stem) {
        return text.find(stem) != std::string_view::npos;
    });
}

// Folded words by clause. What folds to nothing is no word.
std::vector<words> clauses_of(std::string_view text) {
    std::vector<words> out(1);
    std::string word;
    const auto end_word = [&] {
        std::string plain = folded(word);
        word.clear();
        if (plain.empty()) return;
        if (one_of(joints, plain)) out.emplace_back();
        out.back().push_back(std::move(plain));
    };
    for (const char c : text) {
        const bool in_word = c == '\'' || static_cast<unsigned char>(c) >= 0x80 ||
                             (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                             (c >= 'A' && c <= 'Z');
        if (in_word) {
            word += c;
            continue;
        }
        end_word();
        if (std::string_view(".;:!?\n").find(c) != std::string_view::npos) out.emplace_back();
    }
    end_word();
    return out;
}

bool names_protection(std::string_view text, const std::vector<words>& clauses) {
    if (holds_one(protection_stems, folded(text))) return true;
    return std::any_of(clauses.begin(), clauses.end(), [](const words& clause) {
        bool will = false;
        bool sharing = false;
        for (const auto& word : clause) {
            if (one_of(protection_words, word)) return true;
            will = will || begins_with_one(will_stems, word);
            sharing = sharing || begins_with_one(sharing_stems, word);
        }
        return will && sharing;
    });
}

bool names_harm(const words& clause) {
    std::string joined;
    for (const auto& word : clause) {
        if (one_of(denials, word)) return false;
        joined += word;
        if (one_of(harm_words, word) || begins_with_one(harm_stems, word)) return true;
        if (holds_one(harm_phrases, joined)) return true;
    }
    return false;
}

} // namespace

bool rests_on_data_protection(std::string_view reason) {
    const auto clauses = clauses_of(reason);
    return names_protection(reason, clauses) &&
           std::none_of(clauses.begin(), clauses.end(), names_harm);
}

} // namespace cairn::redaction
