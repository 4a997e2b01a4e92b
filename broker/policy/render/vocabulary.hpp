// The words a policy is printed in: its own `words` where it has them, the program's for flags,
// tiers, reasons and provisions.
#pragma once

#include "core/assert.hpp"
#include "policy/phrases.hpp"

#include <google/protobuf/descriptor.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::policy {

// Between “ and ”, so that no text can be taken for two.
std::string quoted(std::string_view text);

// "a; b; and c".
std::string joined(const std::vector<std::string>& items, std::string_view last);

// Immutable; keeps no reference to the policy.
class vocabulary {
public:
    explicit vocabulary(const v1::Policy& policy);

    // One value, one text: where the policy's word would stand for two values, or could be taken
    // for a list, it is the value's own name.
    [[nodiscard]] std::string word(const google::protobuf::EnumValueDescriptor& value) const;
    [[nodiscard]] const std::string& word(v1::Category v) const { return said(categories_, v); }
    [[nodiscard]] const std::string& word(v1::Subject v) const { return said(subjects_, v); }
    [[nodiscard]] const std::string& word(v1::Role v) const { return said(roles_, v); }
    [[nodiscard]] const std::string& word(v1::Purpose v) const { return said(purposes_, v); }
    [[nodiscard]] const std::string& word(v1::RiskLevel v) const { return said(risks_, v); }
    [[nodiscard]] const std::string& word(v1::Form v) const { return said(forms_, v); }

    // The words of a list in its own order; `all` where it is empty.
    template <class Enum, class Values>
    [[nodiscard]] std::string
    list(const Values& values, std::string_view all, std::string_view last) const {
        if (values.empty()) return std::string(all);
        std::vector<std::string> out;
        for (const int v : values) out.push_back(word(static_cast<Enum>(v)));
        return joined(out, last);
    }

    // The words of a set of the values 1 to `count`: `all` for every one, "`all` but x" where that
    // is shorter than the list.
    template <class Enum, class Set>
    [[nodiscard]] std::string span(const Set& these, int count, std::string_view all) const {
        std::vector<std::string> in;
        std::vector<std::string> but;
        for (int v = 1; v <= count; ++v) {
            const auto value = static_cast<Enum>(v);
            (these.count(value) != 0 ? in : but).push_back(word(value));
        }
        if (but.empty()) return std::string(all);
        if (but.size() * 3 <= in.size()) return std::string(all) + " but " + joined(but, "and");
        return joined(in, "and");
    }

    // What a desk reads of a cell with this reason; what is filled in differs from cell to cell and
    // is given by the caller. Empty where the text has none.
    [[nodiscard]] std::string label(
        v1::ReasonCode reason, bool partly, std::string_view category, std::string_view subject
    ) const;

private:
    struct label_text {
        std::string to_desk;
        std::string partly;
    };
    // By number. A sentence asks for ten of them: looked up by name they took half its time.
    using by_number = std::vector<std::string>;
    [[nodiscard]] by_number words_of(const google::protobuf::EnumDescriptor& set) const;
    template <class Enum>
    static const std::string& said(const by_number& words, Enum v) {
        const auto at = static_cast<std::size_t>(v);
        CAIRN_ASSERT(at < words.size(), "a value of no set");
        return words[at];
    }

    std::map<std::string, std::string, std::less<>> words_;
    by_number categories_;
    by_number subjects_;
    by_number roles_;
    by_number purposes_;
    by_number risks_;
    by_number forms_;
    std::map<int, label_text> labels_;
};

} // namespace cairn::policy
