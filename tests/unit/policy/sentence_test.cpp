#include "policy/parse.hpp"
#include "policy/render/enum_names.hpp"
#include "policy/render/sentence.hpp"
#include "support.hpp"
#include "support/golden.hpp"

#include <catch2/catch.hpp>
#include <google/protobuf/util/message_differencer.h>

#include <cstdlib>
#include <map>
#include <random>

using namespace cairn::policy;
using namespace cairn::policy::testing;
using google::protobuf::FieldDescriptor;

namespace {

const v1::Policy& text() {
    return shipped().source();
}

const vocabulary& words() {
    static const vocabulary w(text());
    return w;
}

std::string whole(const v1::Rule& rule) {
    return describe_rule(text(), words(), rule).whole();
}

std::uint32_t seed() {
    if (const char* given = std::getenv("CAIRN_SEED"); given != nullptr) {
        return static_cast<std::uint32_t>(std::strtoul(given, nullptr, 10));
    }
    return std::random_device{}();
}

std::uint32_t below(std::mt19937& random, std::size_t end) {
    return static_cast<std::uint32_t>(random() % end);
}

// Texts that would be taken for one another if anything in a sentence were not told apart.
std::string any_text(std::mt19937& random) {
    static const char* const pieces[] = {
        "",
        "a",
        "a; b",
        "“",
        "”",
        "\\",
        "”. Owner: “",
        "because",
        "; and ",
        "at any risk",
        "PROPOSED"};
    std::string out;
    for (std::uint32_t n = below(random, 4); n > 0; --n)
        out += pieces[below(random, std::size(pieces))];
    return out;
}

// Another value in one field, whatever it was.
void change(std::mt19937& random, v1::Rule& rule, const FieldDescriptor& field) {
    const auto& r = *rule.GetReflection();
    const v1::Rule before = rule;
    while (google::protobuf::util::MessageDifferencer::Equals(before, rule)) {
        r.ClearField(&rule, &field);
        if (field.is_repeated()) {
            const auto& set = *field.enum_type();
            for (std::uint32_t n = below(random, 4); n > 0; --n) {
                const auto at = 1 + random() % (static_cast<std::uint32_t>(set.value_count()) - 1);
                const auto* v = set.value(static_cast<int>(at));
                const bool annotation = &set == v1::Subject_descriptor() && v->number() >= 20;
                if (!annotation) r.AddEnum(&rule, &field, v);
            }
        } else if (field.cpp_type() == FieldDescriptor::CPPTYPE_UINT32) {
            r.SetUInt32(&rule, &field, below(random, 1000));
        } else if (field.cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
            const auto count = static_cast<std::uint32_t>(field.enum_type()->value_count());
            r.SetEnum(
                &rule, &field, field.enum_type()->value(static_cast<int>(below(random, count)))
            );
        } else {
            r.SetString(&rule, &field, any_text(random));
        }
    }
}

} // namespace

TEST_CASE("every field of a rule but its author's sentence is in the printed one") {
    const auto from = seed();
    INFO("CAIRN_SEED=" << from);
    std::mt19937 random(from);
    const auto& fields = *v1::Rule::descriptor();
    for (const auto& rule : text().rules()) {
        for (int i = 0; i < fields.field_count(); ++i) {
            v1::Rule other = rule;
            change(random, other, *fields.field(i));
            INFO("rule " << rule.number() << ", " << fields.field(i)->name());
            const bool own_words = fields.field(i)->name() == "sentence";
            CHECK((whole(other) == whole(rule)) == own_words);
        }
    }
}

TEST_CASE("two random rules never print one sentence") {
    const auto from = seed();
    INFO("CAIRN_SEED=" << from);
    std::mt19937 random(from);
    const auto& fields = *v1::Rule::descriptor();
    std::map<std::string, std::string> seen;
    for (int n = 0; n < 4000; ++n) {
        v1::Rule rule = text().rules(static_cast<int>(below(random, 4)));
        // Few fields and few values, so that near twins are common.
        for (std::uint32_t k = below(random, 3); k > 0; --k) {
            const auto at =
                static_cast<int>(random() % static_cast<std::uint32_t>(fields.field_count()));
            change(random, rule, *fields.field(at));
        }
        rule.clear_sentence();
        const auto [at, fresh] = seen.emplace(whole(rule), rule.SerializeAsString());
        CHECK(at->second == rule.SerializeAsString());
    }
    CHECK(seen.size() > 1000);
}

TEST_CASE("a word that stands for two values, or looks like a list, gives way to the name") {
    v1::Policy p = text();
    for (auto& w : *p.mutable_words()) {
        if (w.name() == "ROLE_GP") w.set_text("health visitor");
        if (w.name() == "CATEGORY_FAMILY") w.set_text("physical health; and school");
        if (w.name() == "PURPOSE_S47") w.set_text("PURPOSE_CIN17");
    }
    const vocabulary w(p);
    CHECK(w.word(v1::ROLE_GP) == "ROLE_GP");
    CHECK(w.word(v1::ROLE_HV) == "ROLE_HV");
    CHECK(w.word(v1::CATEGORY_FAMILY) == "CATEGORY_FAMILY");
    CHECK(w.word(v1::PURPOSE_S47) == "PURPOSE_S47");
    CHECK(w.word(v1::ROLE_DSL) == "school's safeguarding lead");
}

TEST_CASE("no text in quotes can be taken for two") {
    CHECK(quoted("") == "“”");
    CHECK(quoted("plain – “so”") == "“plain – “so\\””");
    CHECK(quoted("a\\b”") == "“a\\\\b\\””");
    CHECK(quoted("””x") == "“\\”\\”x”");
    // A letter that begins as the mark does, and one cut off.
    CHECK(quoted("€\xe2") == "“€\xe2”");
}

TEST_CASE("what nobody verified says so") {
    v1::Rule rule = text().rules(0);
    CHECK(unverified(rule));
    CHECK(whole(rule).find("NOT VERIFIED: “PROPOSED") != std::string::npos);
    rule.set_verified_by("");
    CHECK(whole(rule).find("NOT VERIFIED.") != std::string::npos);
    rule.set_verified_by("A. Officer, 2026-11-20");
    CHECK(whole(rule).find("NOT VERIFIED") == std::string::npos);
    CHECK(whole(rule).find("Verified by “A. Officer, 2026-11-20”.") != std::string::npos);
}

TEST_CASE("the label of a veiled category is the neutral one, and only there") {
    const auto* intelligence = shipped().rule(10);
    const auto veiled = describe_rule(text(), words(), *intelligence).label;
    CHECK(veiled.find("Where even the kind is not told") == 0);
    CHECK(veiled.find("originator") == std::string::npos);
    CHECK(veiled.find("intelligence") == std::string::npos);
    const auto* address = shipped().rule(1);
    CHECK(
        describe_rule(text(), words(), *address).label.find("put somebody in danger") !=
        std::string::npos
    );
    CHECK(describe_rule(text(), words(), *shipped().rule(2)).label.empty());
}

TEST_CASE("every value that stands in a rule has words of its own") {
    std::map<std::string_view, int> seen;
    for (int v = 1; v < v1::Flag_ARRAYSIZE; ++v) {
        if (v1::Flag_IsValid(v)) ++seen[flag_words(static_cast<v1::Flag>(v))];
    }
    for (int v = 1; v < v1::LawfulBasis_ARRAYSIZE; ++v) {
        if (v1::LawfulBasis_IsValid(v)) ++seen[basis_words(static_cast<v1::LawfulBasis>(v))];
    }
    for (int v = 1; v < v1::ReasonCode_ARRAYSIZE; ++v) {
        if (v1::ReasonCode_IsValid(v)) ++seen[reason_words(static_cast<v1::ReasonCode>(v))];
    }
    for (int v = 1; v < v1::Tier_ARRAYSIZE; ++v) ++seen[tier_meaning(static_cast<v1::Tier>(v))];
    CHECK(seen.count("not said") == 0);
    for (const auto& [phrase, times] : seen) {
        INFO(phrase);
        CHECK(times == 1);
    }
}

TEST_CASE("a value is found by any of its names, and another names the nearest") {
    const auto& categories = *v1::Category_descriptor();
    CHECK(enum_named<v1::Category>(categories, "health").value() == v1::CATEGORY_HEALTH);
    CHECK(
        enum_named<v1::Category>(categories, " Mental Health ").value() ==
        v1::CATEGORY_MENTAL_HEALTH
    );
    CHECK(enum_named<v1::Category>(categories, "CATEGORY_INJURY").value() == v1::CATEGORY_INJURY);
    CHECK(value_named(categories, "helth").error().where == "not known; the nearest is health");
    CHECK_FALSE(value_named(categories, "unspecified"));
    CHECK_FALSE(value_named(*v1::Subject_descriptor(), "of_person"));
    CHECK_FALSE(value_named(categories, std::string(100000, 'x')));
    CHECK_FALSE(value_named(categories, ""));
}

TEST_CASE("the template's rules as they are signed") {
    std::string out;
    for (const std::uint32_t number : {1U, 2U, 3U, 10U, 100U, 110U, 112U, 120U}) {
        out += whole(*shipped().rule(number)) + "\n\n";
    }
    const auto r = cairn::test::golden("policy_sentences.txt", out);
    INFO(r.difference);
    CHECK(r.same);
}
