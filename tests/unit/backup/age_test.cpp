// The age format: whatever is changed is found, and Debian's own age reads and writes the same.
#include "backup/primitives.hpp"
#include "core/system.hpp"
#include "support/skip.hpp"
#include "unit/backup/fixture.hpp"

#include <cstdlib>

using namespace cairn;
using namespace cairn::backup;
using namespace cairn::test;

namespace {

bytes pattern(std::size_t size) {
    bytes out(size, '\0');
    for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<char>(i * 31 + i / 251);
    return out;
}

bool has_age() {
    return std::system("command -v age >/dev/null 2>&1") == 0;
}

} // namespace

TEST_CASE("every length comes back as it was, at the edges of a chunk too") {
    counting_random random;
    const identity own = make_identity(random);
    const recipient to = recipient_of(own);
    for (const std::size_t n :
         {std::size_t{0},
          std::size_t{1},
          chunk_bytes - 1,
          chunk_bytes,
          chunk_bytes + 1,
          3 * chunk_bytes,
          3 * chunk_bytes + 7}) {
        INFO(n);
        const bytes plain = pattern(n);
        const auto back = opened(sealed(plain, {&to, 1}, random), {&own, 1});
        REQUIRE(back);
        CHECK((*back == plain));
    }
}

TEST_CASE("each of several recipients opens it, and nobody else") {
    counting_random random;
    const identity ids[] = {make_identity(random), make_identity(random)};
    const identity other = make_identity(random);
    const recipient to[] = {recipient_of(ids[0]), recipient_of(ids[1])};
    const bytes file = sealed("what was kept", to, random);
    for (const identity& own : ids) CHECK(opened(file, {&own, 1}).value() == "what was kept");
    const auto refused = opened(file, {&other, 1});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == errc::bad_value);
}

TEST_CASE("every bit of the header and of a chunk's ends counts") {
    counting_random random;
    const identity own = make_identity(random);
    const recipient to = recipient_of(own);
    const bytes file = sealed("short", {&to, 1}, random);
    for (std::size_t i = 0; i < file.size(); ++i) {
        bytes bad = file;
        bad[i] = static_cast<char>(bad[i] ^ 1);
        INFO(i);
        const auto back = opened(bad, {&own, 1});
        REQUIRE_FALSE(back);
        const errc code = back.error().code;
        CHECK((code == errc::sealed_data_damaged || code == errc::bad_value));
    }
}

TEST_CASE("a changed, cut, swapped or added chunk is refused with its place") {
    counting_random random;
    const identity own = make_identity(random);
    const recipient to = recipient_of(own);
    const std::size_t step = chunk_bytes + tag_bytes;
    const bytes file = sealed(pattern(3 * chunk_bytes + 5), {&to, 1}, random);
    const std::size_t start = file.size() - (5 + tag_bytes) - 3 * step;
    const auto place_of = [&](const bytes& bad) {
        const auto back = opened(bad, {&own, 1});
        REQUIRE_FALSE(back);
        CHECK(back.error().code == errc::sealed_data_damaged);
        return back.error().where;
    };
    const auto chunk = [&](std::size_t n) {
        return "chunk " + std::to_string(n) + ", from byte " + std::to_string(start + n * step) +
               " of the file";
    };
    SECTION("a bit in the third") {
        bytes bad = file;
        bad[start + 2 * step + 100] ^= 4;
        CHECK(place_of(bad) == chunk(2));
    }
    SECTION("cut in the last chunk, and at its start") {
        CHECK(place_of(file.substr(0, file.size() - 1)) == chunk(3));
        CHECK(place_of(file.substr(0, start + 3 * step)) == chunk(2));
    }
    SECTION("the first two swapped") {
        bytes bad = file;
        const bytes first = file.substr(start, step);
        bad.replace(start, step, file.substr(start + step, step));
        bad.replace(start + step, step, first);
        CHECK(place_of(bad) == chunk(0));
    }
    SECTION("bytes after the end") {
        CHECK(place_of(file + "x") == chunk(3));
    }
    SECTION("cut in the header") {
        CHECK(place_of(file.substr(0, 50)) == "header");
    }
}

TEST_CASE("keys come in age's own spelling") {
    counting_random random;
    const identity own = make_identity(random);
    const std::string to = print_recipient(recipient_of(own));
    CHECK(to.substr(0, 4) == "age1");
    CHECK(parse_recipient(to).value() == recipient_of(own));
    const auto ids = parse_identities("# comment\n\n" + print_identity(own) + "\r\n");
    REQUIRE(ids);
    CHECK(ids->size() == 1);
    CHECK(ids->front().secret == own.secret);
    for (std::size_t i = 0; i < to.size(); ++i) {
        std::string bad = to;
        bad[i] = bad[i] == 'q' ? 'p' : 'q';
        INFO(i);
        CHECK_FALSE(parse_recipient(bad));
    }
    CHECK_FALSE(parse_identities("# nothing\n"));
    const auto wrong = parse_identities("# one\nage1notsecret\n");
    REQUIRE_FALSE(wrong);
    CHECK(wrong.error().where == "identity, line 2");
}

TEST_CASE("a recipient whose secret would be known to everybody is refused") {
    CHECK_FALSE(x25519(key256{1}, key256{}));
    CHECK_FALSE(parse_recipient("age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq0zu8n"));
    CHECK_FALSE(parse_recipient(print_recipient({})));
}

TEST_CASE("X25519 gives the vector of RFC 7748, section 6.1") {
    const auto raw = [](const char* hex) { return *to_digest(*from_hex(hex)); };
    const key256 bob = raw("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb");
    const key256 alice = raw("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
    const auto shared = x25519(bob, alice);
    REQUIRE(shared);
    CHECK(
        to_hex(view(*shared)) == "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742"
    );
    CHECK(
        to_hex(view(x25519_point(bob))) ==
        "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f"
    );
}

TEST_CASE("Debian's age opens what we write, and we open what it writes") {
    if (!has_age()) CAIRN_SKIP("no age on this machine");
    folder f;
    const identity own = make_identity(system_random());
    const recipient to = recipient_of(own);
    const bytes plain = pattern(2 * chunk_bytes + 99);
    write_text(f / "key", print_identity(own) + "\n");
    write_text(f / "ours.age", sealed(plain, {&to, 1}, system_random()));
    write_text(f / "plain", plain);
    const auto at = [&f](const char* name) { return "'" + (f / name).string() + "'"; };
    REQUIRE(
        std::system(("age -d -i " + at("key") + " -o " + at("back") + " " + at("ours.age")).c_str()
        ) == 0
    );
    CHECK((read_text(f / "back") == plain));
    const std::string second = print_recipient(recipient_of(make_identity(system_random())));
    REQUIRE(
        std::system(("age -r " + second + " -r " + print_recipient(to) + " -o " + at("theirs.age") +
                     " " + at("plain"))
                        .c_str()) == 0
    );
    const bytes theirs = read_text(f / "theirs.age");
    const auto back = opened(theirs, {&own, 1});
    REQUIRE(back);
    CHECK((*back == plain));
}
