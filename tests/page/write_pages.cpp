// Writes the pages that tests/system/test_page.py shows to a browser: write-pages GOLDEN_DIR OUT.
//
// The notices of tests/golden as they are, one notice of each kind with every field filled, and
// what a page has to survive: nothing at all, hostile text, words without an end.
#include "agents/apps/recall.hpp"
#include "agents/core/comparison_html.hpp"
#include "agents/core/html.hpp"
#include "policy/render/page.hpp"
#include "support/full_notice.hpp"

#include <google/protobuf/text_format.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>

namespace {

namespace v1 = ::cairn::v1;
using namespace cairn::agents;

constexpr delivery_info delivered = {
    2'227'610'557'874'196, 1'795'305'600'000'000, 1'795'392'000'000'000};

void write(const std::filesystem::path& path, const std::string& page) {
    std::ofstream out(path, std::ios::binary);
    out << page;
    if (!out.flush()) throw std::runtime_error("cannot write " + path.string());
}

v1::Notice read_notice(const std::filesystem::path& path) {
    std::ifstream file(path);
    const std::string text{std::istreambuf_iterator<char>{file}, {}};
    v1::Notice n;
    if (!google::protobuf::TextFormat::ParseFromString(text, &n))
        throw std::runtime_error("no notice: " + path.string());
    return n;
}

void golden_pages(const std::filesystem::path& golden, const std::filesystem::path& out) {
    std::uint64_t position = 0;
    for (const auto& entry : std::filesystem::directory_iterator(golden)) {
        const auto name = entry.path().filename().string();
        // notice_SCENARIO.in.textproto is the concern.
        if (name.find("notice_") != 0 || name.find(".in.") != std::string::npos) continue;
        auto info = delivered;
        info.position += ++position;
        write(
            out / ("golden." + entry.path().stem().string() + ".html"),
            render_notice_html(read_notice(entry.path()), info)
        );
    }
}

// What every kind shares, cut down to a child's name and four hidden cells: the first page has all.
void shorten(v1::Notice& n) {
    n.mutable_content()->mutable_persons()->DeleteSubrange(1, n.content().persons_size() - 1);
    v1::Person child;
    child.set_ref("child-1");
    child.set_role(v1::SUBJECT_CHILD);
    *child.add_names() = n.content().persons(0).names(0);
    *n.mutable_content()->mutable_persons(0) = child;
    n.mutable_withheld()->DeleteSubrange(4, n.withheld_size() - 4);
}

void pages_of_kinds(const std::filesystem::path& out) {
    const auto* kinds = v1::ConcernKind_descriptor();
    for (int i = 1; i < kinds->value_count(); ++i) {
        auto info = delivered;
        info.position += 100 + static_cast<std::uint64_t>(i);
        auto n = cairn::test::full_notice(static_cast<v1::ConcernKind>(kinds->value(i)->number()));
        if (i > 1) shorten(n);
        write(out / ("kind." + std::to_string(i) + ".html"), render_notice_html(n, info));
    }
}

v1::Notice hostile() {
    auto n = cairn::test::full_notice(v1::CONCERN_KIND_NOTIFICATION);
    const std::string attack = "</td></script><script>document.title='x'</script>"
                               "<img src=https://example.invalid/x onerror=alert(1)> \xe2\x80\xae";
    auto& said = *n.mutable_content()->mutable_notification();
    said.set_summary(attack);
    said.set_narrative(std::string(400, 'w') + "\n\nsecond paragraph\n" + attack);
    auto& child = *n.mutable_content()->mutable_persons(0);
    child.mutable_names(0)->set_given(attack);
    child.mutable_names(0)->set_family(std::string(200, 'n'));
    n.set_desk(std::string(120, 'd') + "/" + attack);
    n.set_concern_id(attack);
    n.mutable_withheld(0)->set_challenge_id(attack);
    return n;
}

void comparison_page(const std::filesystem::path& out) {
    const auto sent = cairn::test::full_notice(v1::CONCERN_KIND_NOTIFICATION).content();
    auto less = cairn::test::full_notice(v1::CONCERN_KIND_NOTIFICATION);
    less.set_desk("oakfield/dsl");
    less.mutable_content()->mutable_persons()->DeleteSubrange(1, 3);
    write(out / "comparison.html", render_comparison_html(sent, {less, hostile()}));
}

void taken_back_pages(const std::filesystem::path& out) {
    cairn::agents::noted_notice n;
    n.desk = "oakfield/dsl";
    n.position = delivered.position;
    n.concern_id = "0123456789abcdef0123456789abcdef";
    n.stored = cairn::from_us(delivered.recorded_at_us);
    const auto later = cairn::from_us(delivered.acknowledge_by_us);
    write(
        out / "withdrawn.html",
        apps::recalled_html(n, {apps::taken_back::withdrawn, 0, later}, false)
    );
    n.position += 1;
    n.acknowledged = later;
    write(
        out / "recalled.html", apps::recalled_html(n, {apps::taken_back::recalled, 7, later}, true)
    );
}

// A short policy with open questions, and a proof that found a promise broken. The whole template
// is shown by the command that makes its page.
void policy_page(const std::filesystem::path& out) {
    v1::Policy p;
    if (!google::protobuf::TextFormat::ParseFromString(
            std::string(cairn::policy::template_policy()), &p
        ))
        throw std::runtime_error("the template does not parse");
    p.mutable_rules()->DeleteSubrange(12, p.rules_size() - 12);
    p.clear_invariants();
    p.clear_questions();
    auto& question = *p.add_questions();
    question.set_title("Who sees it?");
    question.set_text("Two pages contradict each other.</p><script>x</script>");
    question.set_meanwhile("Nobody.");
    question.set_owner("Nobody yet");
    for (const char* name : {"A", "B"}) {
        auto& i = *p.add_invariants();
        i.set_name(name);
        i.set_title("What always holds");
        i.set_guarantee(v1::Invariant::GUARANTEE_AT_MOST);
        i.add_categories(v1::CATEGORY_HEALTH);
        i.add_roles(v1::ROLE_HOUSING);
        i.set_form(v1::FORM_MASKED);
        i.set_sentence(std::string(300, 'w'));
        i.set_authority("Nobody's");
        i.set_owner("Nobody");
        i.set_harm("Nobody's");
    }
    std::string text;
    google::protobuf::TextFormat::PrintToString(p, &text);
    const auto made = cairn::policy::table::compile(text, "2026-11-22");
    if (!made) throw std::runtime_error(made.error().public_text());
    cairn::policy::proof_result proof;
    proof.prover = 1;
    proof.points = 1'356'595'200;
    proof.walks = 17'000;
    proof.semantic_hex = std::string(64, 'a');
    proof.broken = {{"B", "The school's safeguarding lead reads what it must not."}};
    write(out / "policy.broken.html", cairn::policy::policy_page(**made, proof, "2026-11-22"));
}

} // namespace

int main(int argc, char** argv) {
    if (argc != 3) {
        std::cerr << "usage: write-pages GOLDEN_DIR OUT\n";
        return 64;
    }
    try {
        const std::filesystem::path out = argv[2];
        golden_pages(argv[1], out);
        pages_of_kinds(out);
        write(out / "empty.html", render_notice_html({}, {}));
        write(out / "hostile.html", render_notice_html(hostile(), delivered));
        taken_back_pages(out);
        comparison_page(out);
        policy_page(out);
    } catch (const std::exception& e) {
        std::cerr << "write-pages: " << e.what() << "\n";
        return 1;
    }
    return 0;
}
