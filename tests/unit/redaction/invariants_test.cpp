// Over random concerns and random policies. CAIRN_SEED replays one.
#include "redaction/notice.hpp"

#include "support/people.hpp"
#include "unit/redaction/fake_table.hpp"

#include <catch2/catch.hpp>
#include <google/protobuf/unknown_field_set.h>

#include <cctype>
#include <cstdlib>

using namespace cairn;
using namespace cairn::redaction;
using test::fake_table;
namespace pb = google::protobuf;

namespace {

std::uint64_t first_seed() {
    const char* given = std::getenv("CAIRN_SEED");
    return given != nullptr ? std::strtoull(given, nullptr, 10) : 20261122;
}
constexpr int rounds = 150;

concern_context shared() {
    concern_context s;
    s.concern_id = std::string(32, '1');
    s.thread = std::string(32, '2');
    s.pseudonym_key.fill(3);
    s.ask = "the sender";
    return s;
}

desk_context desk(std::uint64_t role) {
    desk_context d;
    d.role = static_cast<v1::Role>(role);
    d.desk = "agency/" + std::to_string(role);
    return d;
}

std::string folded(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (std::isalnum(static_cast<unsigned char>(c)) != 0 &&
            static_cast<unsigned char>(c) < 128) {
            out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        }
    }
    return out;
}

// Every text of a message at every depth.
void texts(const pb::Message& m, std::vector<std::string>& out) {
    std::vector<const pb::FieldDescriptor*> fields;
    const pb::Reflection& r = *m.GetReflection();
    r.ListFields(m, &fields);
    for (const auto* f : fields) {
        const int n = f->is_repeated() ? r.FieldSize(m, f) : 1;
        for (int i = 0; i < n; ++i) {
            if (f->cpp_type() == pb::FieldDescriptor::CPPTYPE_STRING) {
                out.push_back(f->is_repeated() ? r.GetRepeatedString(m, f, i) : r.GetString(m, f));
            } else if (f->cpp_type() == pb::FieldDescriptor::CPPTYPE_MESSAGE) {
                texts(f->is_repeated() ? r.GetRepeatedMessage(m, f, i) : r.GetMessage(m, f), out);
            }
        }
    }
}

// Plants `canary` into some of the texts of a message, at any depth.
void plant(pb::Message& m, const std::string& canary, test::random_filler& random) {
    std::vector<const pb::FieldDescriptor*> fields;
    const pb::Reflection& r = *m.GetReflection();
    r.ListFields(m, &fields);
    for (const auto* f : fields) {
        const int n = f->is_repeated() ? r.FieldSize(m, f) : 1;
        for (int i = 0; i < n; ++i) {
            if (f->cpp_type() == pb::FieldDescriptor::CPPTYPE_MESSAGE) {
                plant(
                    f->is_repeated() ? *r.MutableRepeatedMessage(&m, f, i)
                                     : *r.MutableMessage(&m, f),
                    canary,
                    random
                );
            } else if (f->cpp_type() == pb::FieldDescriptor::CPPTYPE_STRING && random.chance(20)) {
                const std::string text = "see " + canary + " there";
                f->is_repeated() ? r.SetRepeatedString(&m, f, i, text) : r.SetString(&m, f, text);
            }
        }
    }
}

// Every element of `out` occurs in `in`: values may be coarser, structure never larger.
bool within(const pb::Message& out, const pb::Message& in) {
    std::vector<const pb::FieldDescriptor*> fields;
    out.GetReflection()->ListFields(out, &fields);
    const pb::Reflection& ro = *out.GetReflection();
    const pb::Reflection& ri = *in.GetReflection();
    if (ro.GetUnknownFields(out).field_count() != 0) return false;
    for (const auto* f : fields) {
        if (f->is_repeated()) {
            if (ro.FieldSize(out, f) > ri.FieldSize(in, f)) return false;
            if (f->cpp_type() != pb::FieldDescriptor::CPPTYPE_MESSAGE) continue;
            int from = 0;
            for (int i = 0; i < ro.FieldSize(out, f); ++i) {
                // In order, so each has a source after the last one's.
                while (from < ri.FieldSize(in, f) &&
                       !within(ro.GetRepeatedMessage(out, f, i), ri.GetRepeatedMessage(in, f, from))
                ) {
                    ++from;
                }
                if (from++ == ri.FieldSize(in, f)) return false;
            }
        } else {
            if (!ri.HasField(in, f)) return false;
            if (f->cpp_type() == pb::FieldDescriptor::CPPTYPE_MESSAGE &&
                !within(ro.GetMessage(out, f), ri.GetMessage(in, f))) {
                return false;
            }
        }
    }
    return true;
}

} // namespace

TEST_CASE("a protected address never reaches a desk that may not see it, in any byte") {
    const std::uint64_t start = first_seed();
    INFO("CAIRN_SEED=" << start);
    int planted = 0;
    for (std::uint64_t seed = start; seed < start + rounds; ++seed) {
        test::random_filler random{seed};
        v1::Concern c = random.concern();
        if (c.persons_size() == 0) continue;
        const std::string line{test::protected_line};
        const std::string postcode{test::protected_postcode};
        plant(c, line, random);
        plant(c, postcode, random);
        test::add_protected_address(*c.mutable_persons(0));
        std::vector<std::string> in;
        texts(c, in);
        planted += static_cast<int>(std::count_if(in.begin(), in.end(), [&](const std::string& t) {
            return t.find(line) != std::string::npos;
        }));
        const analysis a = analyse(c);
        const fake_table table = fake_table::random(seed);
        for (std::uint32_t role = 1; role <= 8; ++role) {
            const redacted r = make_notice(c, a, table, shared(), desk(role));
            const std::string raw = encode(r.notice);
            CAPTURE(seed, role);
            REQUIRE(raw.find(line) == std::string::npos);
            REQUIRE(raw.find(postcode) == std::string::npos);
            std::vector<std::string> out;
            texts(r.notice, out);
            for (const std::string& text : out) {
                REQUIRE(folded(text).find(folded(line)) == std::string::npos);
                REQUIRE(folded(text).find(folded(postcode)) == std::string::npos);
            }
        }
    }
    CHECK(planted > 1000); // the canary was everywhere to be found
}

TEST_CASE("a notice never has a field its concern has not") {
    const std::uint64_t start = first_seed();
    INFO("CAIRN_SEED=" << start);
    for (std::uint64_t seed = start; seed < start + rounds; ++seed) {
        test::random_filler random{seed};
        const v1::Concern c = random.concern();
        const analysis a = analyse(c);
        const fake_table table = fake_table::random(seed);
        const redacted r = make_notice(c, a, table, shared(), desk(1 + seed % 20));
        CAPTURE(seed);
        REQUIRE(within(r.notice.content(), c));
    }
}

TEST_CASE("the same inputs give identical bytes") {
    const std::uint64_t start = first_seed();
    INFO("CAIRN_SEED=" << start);
    for (std::uint64_t seed = start; seed < start + 40; ++seed) {
        const v1::Concern c = test::random_filler{seed}.concern();
        v1::Concern again;
        again.ParseFromString(c.SerializeAsString());
        const fake_table table = fake_table::random(seed);
        const redacted r = make_notice(c, analyse(c), table, shared(), desk(3));
        const redacted s = make_notice(again, analyse(again), table, shared(), desk(3));
        REQUIRE(encode(r.notice) == encode(s.notice));
        v1::Notice parsed;
        REQUIRE(parsed.ParseFromString(encode(r.notice)));
        REQUIRE(encode(parsed) == encode(r.notice));
    }
}

TEST_CASE("every populated cell has exactly one decision") {
    const std::uint64_t start = first_seed();
    INFO("CAIRN_SEED=" << start);
    for (std::uint64_t seed = start; seed < start + rounds; ++seed) {
        const v1::Concern c = test::random_filler{seed}.concern();
        const analysis a = analyse(c);
        const redacted r =
            make_notice(c, a, fake_table::random(seed), shared(), desk(1 + seed % 20));
        std::vector<cell_id> decided;
        for (const v1::DecisionGroup& g : r.decisions) {
            CHECK(g.rule() != 0);
            CHECK(g.form() != v1::FORM_UNSPECIFIED);
            CHECK(std::is_sorted(g.cells().begin(), g.cells().end()));
            decided.insert(decided.end(), g.cells().begin(), g.cells().end());
        }
        std::sort(decided.begin(), decided.end());
        std::vector<cell_id> populated;
        for (const cell_input& in : a.cells) populated.push_back(in.id);
        CAPTURE(seed);
        REQUIRE(decided == populated);
    }
}

TEST_CASE("hidden categories that are veiled are named nowhere in a notice") {
    const std::uint64_t start = first_seed();
    INFO("CAIRN_SEED=" << start);
    for (std::uint64_t seed = start; seed < start + rounds; ++seed) {
        const v1::Concern c = test::random_filler{seed}.concern();
        const fake_table table = fake_table::random(seed);
        const redacted r = make_notice(c, analyse(c), table, shared(), desk(1 + seed % 20));
        CAPTURE(seed);
        int merged = 0;
        for (const v1::Withheld& w : r.notice.withheld()) {
            if (w.category() == v1::CATEGORY_UNSPECIFIED) {
                ++merged;
                REQUIRE(w.person_ref().empty());
            } else {
                REQUIRE((!table.veiled(w.category()) || w.partly_shown()));
                REQUIRE(w.category() != v1::CATEGORY_SEALED);
            }
        }
        REQUIRE(merged <= 1);
        for (const v1::DecisionGroup& g : r.notice.decisions()) {
            REQUIRE(g.form() != v1::FORM_SILENT);
            for (const auto id : g.cells()) {
                REQUIRE(category_of(id) != v1::CATEGORY_SEALED);
                REQUIRE(
                    person_of(id) <= static_cast<std::uint32_t>(r.notice.content().persons_size())
                );
                // Ref and role go with whatever else is seen of a person.
                if (category_of(id) == v1::CATEGORY_HEADER) continue;
                if (g.form() == v1::FORM_MASKED) REQUIRE_FALSE(table.veiled(category_of(id)));
            }
        }
    }
}

TEST_CASE("the decisions of a desk take under 400 bytes on the wire") {
    const v1::Concern c = test::school_concern();
    const analysis a = analyse(c);
    REQUIRE(a.populated_fields >= 40);
    for (std::uint64_t seed = 1; seed < 20; ++seed) {
        const redacted r = make_notice(c, a, fake_table::random(seed), shared(), desk(1));
        v1::Notice only;
        *only.mutable_decisions() = r.notice.decisions();
        CHECK(only.ByteSizeLong() < 400);
    }
}
