#include "core/bytes.hpp"

#include "core/clock.hpp"

#include <catch2/catch.hpp>

namespace cairn {
namespace {

TEST_CASE("hexadecimal is written in lower case and read in both") {
    CHECK(to_hex("") == "");
    CHECK(to_hex(bytes("\x00\x0f\xa5\xff", 4)) == "000fa5ff");
    CHECK(from_hex("000fa5ff") == bytes("\x00\x0f\xa5\xff", 4));
    CHECK(from_hex("000FA5Ff") == bytes("\x00\x0f\xa5\xff", 4));
    CHECK(from_hex("") == bytes());
    for (const auto* bad : {"0", "000", "0g", " 0", "0x", "-1", "\xc3\xa9"}) {
        CAPTURE(bad);
        CHECK_FALSE(from_hex(bad));
    }
}

TEST_CASE("base64 gives the vectors of RFC 4648 section 10") {
    const std::pair<const char*, const char*> vectors[] = {
        {"", ""},
        {"f", "Zg=="},
        {"fo", "Zm8="},
        {"foo", "Zm9v"},
        {"foob", "Zm9vYg=="},
        {"fooba", "Zm9vYmE="},
        {"foobar", "Zm9vYmFy"},
    };
    for (const auto& [plain, text] : vectors) {
        CHECK(to_base64(plain) == text);
        CHECK(from_base64(text) == bytes(plain));
    }
    CHECK(to_base64("\xff\xef\xbe") == "/+++");
}

TEST_CASE("every byte value survives hexadecimal and base64 at every length") {
    bytes all;
    for (int i = 0; i < 256; ++i) {
        all.push_back(static_cast<char>(i));
        REQUIRE(from_hex(to_hex(all)) == all);
        REQUIRE(from_base64(to_base64(all)) == all);
    }
}

TEST_CASE("base64 has one text for one value and no room for anything else") {
    for (const auto* bad : {
             "Z",        "Zg",   "Zg=",  "Zg===",    "=",     "====",  "Zm9v====",
             "Zg==Zm9v", "Z===", "Zm=v", "Zm9v\n",   "Zm 9v", " Zm9v", "Zm9-",
             "Zm9_",     "Zh==", "Zm9=", "Zm9vYh==", "Zm9v=",
         }) {
        CAPTURE(bad);
        CHECK_FALSE(from_base64(bad));
    }
    CHECK_FALSE(from_base64(std::string_view("Zm9\0", 4)));
}

TEST_CASE("a digest is exactly 32 bytes") {
    bytes raw(32, 'x');
    raw[31] = '\xff';
    const auto d = to_digest(raw);
    REQUIRE(d);
    CHECK(view(*d) == raw);
    CHECK_FALSE(to_digest(""));
    CHECK_FALSE(to_digest(raw.substr(1)));
    CHECK_FALSE(to_digest(raw + "x"));
}

TEST_CASE("integers are big-endian and are read back") {
    bytes out;
    put_u16(out, 0x0102);
    put_u32(out, 0x03040506);
    put_u64(out, 0x0708090a0b0c0d0e);
    put_u64(out, ~std::uint64_t{0});
    CHECK(to_hex(out) == "0102030405060708090a0b0c0d0effffffffffffffff");
    reader in(out);
    CHECK(in.u16() == 0x0102);
    CHECK(in.u32() == 0x03040506);
    CHECK(in.u64() == 0x0708090a0b0c0d0e);
    CHECK_FALSE(in.done());
    CHECK(in.rest().size() == 8);
    CHECK(in.u64() == ~std::uint64_t{0});
    CHECK(in.done());
    CHECK(in.take(0).empty());
    CHECK(in.done());
}

TEST_CASE("after a short read nothing is read any more, however much was left") {
    reader in("abc");
    CHECK(in.u8() == 'a');
    CHECK(in.take(3).empty());
    CHECK_FALSE(in.ok());
    CHECK(in.u8() == 0);
    CHECK(in.u64() == 0);
    CHECK(in.rest().empty());
    CHECK(in.take(0).empty());
    CHECK_FALSE(in.ok());
    CHECK_FALSE(in.done());
}

TEST_CASE("a number cut anywhere is noticed") {
    const bytes eight(8, '\1');
    for (std::size_t n = 0; n < 8; ++n) {
        const bytes cut = eight.substr(0, n);
        reader in(cut);
        (void) in.u64();
        CHECK_FALSE(in.ok());
    }
    reader huge("x");
    CHECK(huge.take(~std::size_t{0}).empty());
    CHECK_FALSE(huge.ok());
}

TEST_CASE("microseconds and points in time convert without loss") {
    for (const std::int64_t us :
         {std::int64_t{0}, std::int64_t{1'767'225'600'000'001}, std::int64_t{-1}}) {
        CHECK(to_us(from_us(us)) == us);
    }
}

} // namespace
} // namespace cairn
