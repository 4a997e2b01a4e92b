#include "redaction/generalise.hpp"
#include "redaction/protect.hpp"

#include <catch2/catch.hpp>

#include <vector>

using namespace cairn::redaction;
namespace v1 = cairn::v1;

TEST_CASE("a postcode keeps its outward half, with and without a space") {
    CHECK(outward_half("NN4 6AB") == "NN4");
    CHECK(outward_half("nn46ab") == "NN4");
    CHECK(outward_half("SW1A 1AA") == "SW1A");
    CHECK(outward_half("SW1A1AA") == "SW1A");
    CHECK(outward_half("M1 1AE") == "M1");
    CHECK(outward_half("M11AE") == "M1");
    CHECK(outward_half("NN4") == "NN4");
}

TEST_CASE("what does not look like a postcode leaves nothing") {
    for (const char* text :
         {"", " ", "unknown", "14 Rowan Court", "refuge", "1234", "NNN4 6AB", "not given"}) {
        CAPTURE(text);
        CHECK_FALSE(outward_half(text).has_value());
    }
}

TEST_CASE("a time keeps its year") {
    CHECK(year_of("2026-11-21T15:10:00Z") == "2026");
    CHECK(year_of("2026-11-21") == "2026");
    CHECK(year_of("2026") == "2026");
    for (const char* text : {"", "202", "20261121", "last week", "21/11/2026"}) {
        CAPTURE(text);
        CHECK_FALSE(year_of(text).has_value());
    }
}

TEST_CASE("a name keeps its first character whole") {
    CHECK(initial("Ewa") == "E.");
    CHECK(initial("\xC5\x81ukasz") == "\xC5\x81.");
    CHECK_FALSE(initial("").has_value());
    CHECK_FALSE(initial(" x").has_value());
    CHECK_FALSE(initial("\xC5").has_value());
    CHECK_FALSE(initial("\xBFx").has_value());
}

TEST_CASE("a protected address is found however it is written") {
    v1::Address a;
    a.add_lines("Flat 2, 14 Quillfeather Row");
    a.add_lines("Brindleford");
    a.set_postcode("ZZ9 4QF");
    protected_strings p;
    p.add(a);
    for (const char* text :
         {"Flat 2, 14 Quillfeather Row",
          "lives at 14 QUILLFEATHER  row now",
          "14, Quillfeather-Row",
          "zz94qf",
          "near ZZ9 4QF.",
          "map ZZ9\xC2\xA0"
          "4QF"}) {
        CAPTURE(text);
        CHECK(p.hit(text));
    }
    for (const char* text :
         {"", "Brindleford Primary School", "14 Rowan Court", "ZZ9", "Quillfeather"}) {
        CAPTURE(text);
        CHECK_FALSE(p.hit(text));
    }
}

TEST_CASE("a protected address is found with and without its accents, in any script") {
    struct row {
        const char* line;
        std::vector<const char*> found;
        std::vector<const char*> other;
    };
    const row rows[] = {
        {"Tŷ Gwyn",
         {"at Ty Gwyn now", "TŶ GWYN", "ty-gwyn", "T\x79\xCC\x82 Gwyn"}, // y and its mark apart
         {"Ty Gwyrdd", "Gwyn"}},
        {"14 Łąkowa", {"14 Lakowa", "14 łąkowa", "14 ŁĄKOWA"}, {"15 Lakowa"}},
        {"Straße 9", {"strasse 9", "STRASSE 9", "Straße 9"}, {"Strand 9"}},
        {"ул. Садовая 12", {"живёт: Ул. САДОВАЯ, 12"}, {"ул. Садовая 13", "садовая 12"}},
        {"朝阳区建国路8号", {"住在朝阳区建国路８号"}, {"建国路9号"}},
        {"شارع ١٤ الورد", {"شارع 14 الورد"}, {"شارع 15 الورد"}},
    };
    for (const row& r : rows) {
        v1::Address a;
        a.add_lines(r.line);
        protected_strings p;
        p.add(a);
        CAPTURE(r.line);
        CHECK_FALSE(p.empty());
        for (const char* text : r.found) {
            CAPTURE(text);
            CHECK(p.hit(text));
        }
        for (const char* text : r.other) {
            CAPTURE(text);
            CHECK_FALSE(p.hit(text));
        }
    }
}

TEST_CASE("a second line in a script without spaces is protected as the first is") {
    v1::Address a;
    a.add_lines("14 Quillfeather Row");
    a.add_lines("朝阳区建国路");
    protected_strings p;
    p.add(a);
    CHECK(p.hit("在朝阳区建国路"));
}

TEST_CASE("a town alone is protected where it is all there is") {
    v1::Address a;
    a.add_lines("Brindleford");
    protected_strings p;
    p.add(a);
    CHECK(p.hit("somewhere in Brindleford"));
}

TEST_CASE("a protected number is found with and without its country code") {
    v1::ContactPoint c;
    c.set_value("+44 7700 900123");
    protected_strings p;
    p.add(c);
    CHECK(p.hit("ring 07700 900123"));
    CHECK(p.hit("(07700) 900-123 after six"));
    CHECK_FALSE(p.hit("07700 900124"));
    v1::ContactPoint mail;
    mail.set_value("someone@example.org");
    protected_strings q;
    q.add(mail);
    CHECK(q.hit("write to Someone@Example.org"));
    CHECK_FALSE(q.hit("someone else"));
}

TEST_CASE("nothing is protected where nothing was added, and empty values protect nothing") {
    protected_strings p;
    CHECK(p.empty());
    CHECK_FALSE(p.hit("anything"));
    p.add(v1::Address{});
    p.add(v1::ContactPoint{});
    CHECK(p.empty());
}
