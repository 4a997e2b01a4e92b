#include "certs/authority.hpp"

#include "certs/files.hpp"
#include "certs/verify.hpp"
#include "unit/certs/fixture.hpp"
#include "unit/certs/openssl_view.hpp"

#include <sys/stat.h>

using namespace cairn;
using namespace cairn::test;
using certs::authority;

TEST_CASE("an authority's certificate says what it may do and nothing more") {
    seeded_random random(1);
    const authority a = northshire(random);
    const auto c = x509_of(a.certificate_pem());
    CHECK(extension(c.get(), NID_basic_constraints) == "critical,CA:TRUE, pathlen:0");
    CHECK(extension(c.get(), NID_key_usage) == "critical,Certificate Sign, CRL Sign");
    CHECK(extension(c.get(), NID_ext_key_usage) == "absent");
    CHECK(extension(c.get(), NID_subject_alt_name) == "absent");
    CHECK(extension(c.get(), NID_subject_key_identifier) != "absent");
    CHECK(X509_get_version(c.get()) == X509_VERSION_3);
    CHECK(X509_check_issued(c.get(), c.get()) == X509_V_OK);
    CHECK(X509_verify(c.get(), X509_get0_pubkey(c.get())) == 1);
    CHECK(a.partnership() == realm);
    char group[32] = {};
    REQUIRE(EVP_PKEY_get_group_name(X509_get0_pubkey(c.get()), group, sizeof group, nullptr) == 1);
    CHECK(std::string(group) == "prime256v1");
}

TEST_CASE("an authority is saved and loaded with the same key") {
    seeded_random random(2);
    const temporary_folder t;
    const auto folder = t.path() / "ca";
    const authority made = northshire(random);
    REQUIRE(made.save(folder));
    struct stat facts {};
    REQUIRE(::stat((folder / authority::key_file).c_str(), &facts) == 0);
    CHECK((facts.st_mode & 07777U) == 0600);
    REQUIRE(::stat(folder.c_str(), &facts) == 0);
    CHECK((facts.st_mode & 07777U) == 0700);

    const auto loaded = authority::load(folder);
    REQUIRE(loaded);
    CHECK(loaded->partnership() == realm);
    CHECK(loaded->certificate_pem() == made.certificate_pem());
    // What the loaded one signs, the first one's certificate verifies.
    const certs::identity who{certs::identity_kind::agency, "oakfield"};
    const auto asked = certs::make_request(who, realm);
    REQUIRE(asked);
    const auto pem = loaded->issue(
        {.request_pem = asked->request_pem, .who = who, .valid = {moment, moment + one_day}}, random
    );
    REQUIRE(pem);
    CHECK(certs::verify_chain(
        {.certificate_pem = *pem, .authority_pem = made.certificate_pem(), .at = moment}
    ));
}

TEST_CASE("an authority never overwrites another") {
    seeded_random random(3);
    const temporary_folder t;
    REQUIRE(northshire(random).save(t.path()));
    const std::string key = certs::read_secret(t.path() / authority::key_file).value();

    SECTION("both files there") {}
    SECTION("only the key there") {
        std::filesystem::remove(t.path() / authority::certificate_file);
    }
    const status again = northshire(random).save(t.path());
    REQUIRE(!again);
    CHECK(again.error().code == errc::file_exists);
    CHECK(certs::read_secret(t.path() / authority::key_file).value() == key);
}

TEST_CASE("an authority whose key others may read is not loaded") {
    seeded_random random(4);
    const temporary_folder t;
    REQUIRE(northshire(random).save(t.path()));
    REQUIRE(::chmod((t.path() / authority::key_file).c_str(), 0640) == 0);
    const auto got = authority::load(t.path());
    REQUIRE(!got);
    CHECK(got.error().code == errc::file_permissions);
}

TEST_CASE("a folder that holds no whole authority is not loaded") {
    seeded_random random(5);
    const temporary_folder t;
    const authority good = northshire(random);
    REQUIRE(good.save(t.path()));
    const auto rewrite = [&](const char* name, const std::string& text) {
        REQUIRE(
            certs::write_file(t.path() / name, text, certs::reach::secret, certs::existing::replace)
        );
    };
    errc expected = errc::certificate_malformed;
    SECTION("the key is missing") {
        std::filesystem::remove(t.path() / authority::key_file);
        expected = errc::file_unreadable;
    }
    SECTION("the key is cut in half") {
        const std::string key = certs::read_secret(t.path() / authority::key_file).value();
        rewrite(authority::key_file, key.substr(0, key.size() / 2));
    }
    SECTION("the certificate is empty") {
        rewrite(authority::certificate_file, "");
    }
    SECTION("the certificate is another authority's") {
        rewrite(authority::certificate_file, northshire(random).certificate_pem());
    }
    const auto got = authority::load(t.path());
    REQUIRE(!got);
    CHECK(got.error().code == expected);
}

TEST_CASE("a key that asks for a password is refused without a question") {
    seeded_random random(6);
    const temporary_folder t;
    REQUIRE(northshire(random).save(t.path()));
    const auto key = key_of(certs::read_secret(t.path() / authority::key_file).value());
    const openssl_owned<BIO> out{BIO_new(BIO_s_mem())};
    char word[] = "password";
    REQUIRE(
        PEM_write_bio_PKCS8PrivateKey(
            out.get(), key.get(), EVP_aes_128_cbc(), word, 8, nullptr, nullptr
        ) == 1
    );
    char* data = nullptr;
    const long n = BIO_get_mem_data(out.get(), &data);
    REQUIRE(certs::write_file(
        t.path() / authority::key_file,
        {data, static_cast<std::size_t>(n)},
        certs::reach::secret,
        certs::existing::replace
    ));
    CHECK(authority::load(t.path()).error().code == errc::certificate_malformed);
}

TEST_CASE("an authority needs a partnership's name and a span of time") {
    seeded_random random(7);
    CHECK(authority::make("North Shire", {moment, moment + one_day}, random).has_error());
    CHECK(authority::make("", {moment, moment + one_day}, random).has_error());
    CHECK(authority::make(realm, {moment, moment}, random).has_error());
}
