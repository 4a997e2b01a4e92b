// The worked examples of docs/formats/backup.md are what the code does.
#include "backup/erased.hpp"
#include "support/paths.hpp"
#include "unit/backup/fixture.hpp"

using namespace cairn;
using namespace cairn::backup;
using namespace cairn::test;

namespace {

std::string page() {
    return read_text(std::string(CAIRN_SOURCE_DIR) + "/docs/formats/backup.md");
}

bool shows(const std::string& text, const std::string& what) {
    const bool found = text.find(what) != std::string::npos;
    if (!found) UNSCOPED_INFO("the page should show\n" << what);
    return found;
}

// Lines of 64 digits.
std::string folded(const std::string& hex) {
    std::string out;
    for (std::size_t i = 0; i < hex.size(); i += 64) out += hex.substr(i, 64) + "\n";
    return out;
}

} // namespace

TEST_CASE("the page on backups shows what the code writes") {
    const std::string text = page();
    counting_random for_identity;
    const identity own = make_identity(for_identity);
    const recipient to = recipient_of(own);
    CHECK(shows(text, "identity   " + print_identity(own) + "\n"));
    CHECK(shows(text, "recipient  " + print_recipient(to) + "\n"));
    counting_random random;
    const bytes file = sealed("plain", {&to, 1}, random);
    const auto end = file.find('\n', file.find("\n--- ") + 1) + 1;
    CHECK(shows(text, file.substr(0, end)));
    CHECK(shows(text, folded(to_hex(file.substr(end)))));
    CHECK(opened(file, {&own, 1}).value() == "plain");
}

TEST_CASE("the page on backups shows a list of erasures") {
    const bytes id = bytes("\1\2\3", 3) + bytes(13, '\0');
    const erased_list l{to_hex(id), {{ledger::position::at(2026, 17), sha256("leaf")}}};
    CHECK(shows(page(), print_erased(l)));
}
