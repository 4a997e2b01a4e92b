// cairn-verify as people run it: what it prints and how it exits.
#include "merkle/frontier.hpp"
#include "merkle/hashing.hpp"
#include "merkle/tlog_proof.hpp"
#include "support/paths.hpp"
#include "support/result_text.hpp"
#include "unit/merkle/exported_log.hpp"
#include "unit/merkle/reference.hpp"
#include "unit/merkle/tessera_log.hpp"
#include "unit/merkle/worked_example.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace cairn::merkle {
namespace {

using Catch::Matchers::Contains;

class folder {
public:
    folder() {
        std::string name =
            (std::filesystem::temp_directory_path() / "cairn-verify-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
        path_ = name;
    }
    folder(const folder&) = delete;
    folder& operator=(const folder&) = delete;
    ~folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    [[nodiscard]] std::string operator/(const std::string& name) const {
        return path_ + "/" + name;
    }
    [[nodiscard]] std::string write(const std::string& name, const bytes& content) const {
        std::ofstream(*this / name, std::ios::binary) << content;
        return *this / name;
    }

private:
    std::string path_;
};

struct outcome {
    int code = -1;
    std::string out;
    std::string err;
};

outcome shell(const folder& dir, const std::string& command) {
    const std::string line = command + " >" + (dir / "out") + " 2>" + (dir / "err");
    const int status = std::system(line.c_str());
    return {
        WIFEXITED(status) ? WEXITSTATUS(status) : -1,
        reference::read_text(dir / "out"),
        reference::read_text(dir / "err"),
    };
}

outcome run(const folder& dir, const std::string& arguments) {
    return shell(dir, std::string(CAIRN_VERIFY) + " " + arguments);
}

std::string lines_of(const std::vector<digest>& hashes) {
    std::string out;
    for (const digest& d : hashes) out += to_base64(view(d)) + "\n";
    return out;
}

TEST_CASE("a good receipt prints what it proves") {
    const folder dir;
    const worked_example e = make_worked_example();
    const std::string file = dir.write("r.tlog-proof", e.receipt);
    const outcome plain = run(dir, "receipt " + file + " --key " + e.vkey);
    CHECK(plain.code == 0);
    CHECK_THAT(plain.out, Contains("The receipt is good") && Contains("oakfield"));
    CHECK_THAT(plain.out, Contains("not checked: give them with --body"));
    const std::string body = dir.write("body", e.exact[0]);
    const outcome json =
        run(dir, "receipt " + file + " --body " + body + " --key " + e.vkey + " -o json");
    CHECK(json.code == 0);
    const auto parsed = nlohmann::json::parse(json.out);
    CHECK(parsed.at("ok") == true);
    CHECK(parsed.at("index") == 2);
    CHECK(parsed.at("kind") == "concern");
    CHECK(parsed.at("recordTime") == "2026-01-01T00:00:00.002500Z");
    CHECK(parsed.at("exactBytesChecked") == true);
}

TEST_CASE("broken evidence exits with 65 and says what, where and what next") {
    const folder dir;
    const worked_example e = make_worked_example();
    const std::string other = dir.write("body", e.exact[1]);
    const std::string good = dir.write("r.tlog-proof", e.receipt);
    const outcome body = run(dir, "receipt " + good + " --body " + other + " --key " + e.vkey);
    CHECK(body.code == 65);
    CHECK(body.out.empty());
    CHECK_THAT(body.err, Contains("does not verify (exact bytes: not those the log committed to)"));
    CHECK_THAT(body.err, Contains("next: Keep both files"));
    std::string text = e.receipt;
    text.replace(text.find("index 2"), 7, "index 3");
    const std::string bad = dir.write("bad.tlog-proof", text);
    const outcome json = run(dir, "-o json receipt " + bad + " --key " + e.vkey);
    CHECK(json.code == 65);
    const auto parsed = nlohmann::json::parse(json.out);
    CHECK(parsed.at("ok") == false);
    CHECK(parsed.at("error") == "proof_invalid");
    CHECK(parsed.at("where") == "inclusion: the path leads to another root");
    CHECK(run(dir, "receipt " + dir.write("x", "x") + " --key " + e.vkey).code == 65);
    const outcome stranger = run(dir, "receipt " + good + " --key " + std::string(tessera::vkey));
    CHECK(stranger.code == 65);
    CHECK_THAT(stranger.err, Contains("no signature by a key given"));
}

TEST_CASE("wrong use exits with 64 and a missing file with 66") {
    const folder dir;
    const worked_example e = make_worked_example();
    const std::string good = dir.write("r.tlog-proof", e.receipt);
    CHECK(run(dir, "").code == 64);
    CHECK(run(dir, "receipt").code == 64);
    CHECK(run(dir, "receipt " + good).code == 64);
    CHECK(run(dir, "receipt " + good + " --key a+b").code == 64);
    CHECK(run(dir, "receipt " + good + " --key " + e.vkey + " -o xml").code == 64);
    CHECK(run(dir, "--help").code == 0);
    CHECK(run(dir, "receipt " + (dir / "none") + " --key " + e.vkey).code == 66);
    CHECK(run(dir, "receipt " + good + " --key " + (dir / "none")).code == 66);
    CHECK(
        run(dir, "receipt " + good + " --body " + (dir / "none") + " --key " + e.vkey).code == 66
    );
    CHECK(run(dir, "log " + (dir / "none") + " --key " + e.vkey).code == 66);
    CHECK(run(dir, "log " + good + " --key " + e.vkey).code == 66);
}

TEST_CASE("keys are read from a file with comments, and a bad line in it is named") {
    const folder dir;
    const std::string file = dir.write("checkpoint", tessera::checkpoint_15());
    const std::string keys =
        dir.write("keys", "# the test log\n\n" + std::string(tessera::vkey) + "\n");
    const outcome good = run(dir, "checkpoint " + file + " --key " + keys);
    CHECK(good.code == 0);
    CHECK_THAT(good.out, Contains("15") && Contains("example.com/log/testdata"));
    const std::string bad = dir.write("bad", std::string(tessera::vkey) + "\nnonsense\n");
    const outcome r = run(dir, "checkpoint " + file + " --key " + bad);
    CHECK(r.code == 64);
    CHECK_THAT(r.err, Contains("line 2"));
    CHECK(run(dir, "checkpoint " + file + " --key " + dir.write("empty", "#\n")).code == 64);
}

TEST_CASE("consistency of two heads is checked, with and without keys") {
    const folder dir;
    reference::stored_rows tree;
    std::string older;
    const note_signer signer = tessera::signer();
    const auto head = [&](std::uint64_t n) {
        return sign_checkpoint(signer, {std::string(tessera::origin), n, tree.border().root(), {}});
    };
    for (const std::string_view leaf : tessera::leaves) {
        tree.append(leaf_hash(leaf));
        if (tree.border().size() == 7) older = dir.write("older", head(7));
    }
    const std::string newer = dir.write("newer", head(15));
    std::string lines;
    for (const digest& d : consistency_proof(tree, 7, 15).value())
        lines += to_base64(view(d)) + "\n";
    const std::string proof = dir.write("proof", lines);
    const std::string key = " --key " + std::string(tessera::vkey);
    const outcome bare = run(dir, "consistency " + older + " " + newer + " " + proof);
    CHECK(bare.code == 0);
    CHECK_THAT(bare.out, Contains("not checked: give the log's key"));
    CHECK(run(dir, "consistency " + older + " " + newer + " " + proof + key).code == 0);
    CHECK(run(dir, "consistency " + newer + " " + older + " " + proof + key).code == 65);
    const std::string cut = dir.write("cut", lines.substr(45));
    CHECK(run(dir, "consistency " + older + " " + newer + " " + cut).code == 65);
    const std::string garbled = dir.write("garbled", "AAAA\n");
    CHECK(run(dir, "consistency " + older + " " + newer + " " + garbled).code == 65);
    std::string forged = reference::read_text(older);
    forged[forged.find("\n7\n") + 1] = '6';
    const std::string wrong = dir.write("wrong", forged);
    CHECK(run(dir, "consistency " + wrong + " " + newer + " " + proof + key).code == 65);
}

TEST_CASE("an exported log verifies, and after one flipped byte the record is named") {
    const folder dir;
    const worked_example e = make_worked_example();
    std::vector<bytes> entries = e.log;
    for (int i = 0; i < 300; ++i) entries.push_back(e.log[0]);
    const file_map files = export_log(worked_signer(), "northshire/2026", entries);
    write_files(files, dir / "log");
    const std::string command = "log " + (dir / "log") + " --key " + e.vkey;
    const outcome good = run(dir, command);
    CHECK(good.code == 0);
    CHECK_THAT(good.out, Contains("305") && Contains("concern") && Contains("registry"));
    bytes bundle = files.at("tile/entries/001.p/49");
    bundle[124 * 3 + 60] ^= 4;
    (void) dir.write("log/tile/entries/001.p/49", bundle);
    const outcome bad = run(dir, command);
    CHECK(bad.code == 65);
    CHECK_THAT(bad.err, Contains("The log fails its check (record 259)"));
    CHECK_THAT(bad.err, Contains("next: Stop and keep the files as evidence"));
}

TEST_CASE("Go's checksum-database code accepts our heads and proofs, and refuses a changed one") {
    const folder dir;
    reference::stored_rows tree;
    const note_signer signer = worked_signer();
    const auto head = [&] {
        return sign_checkpoint(
            signer, {"northshire/2026", tree.border().size(), tree.border().root(), {}}
        );
    };
    for (int i = 0; i < 1000; ++i) {
        tree.append(leaf_hash(std::to_string(i)));
        if (i == 332) (void) dir.write("older", head());
    }
    (void) dir.write("newer", head());
    (void) dir.write("included", head());
    (void) dir.write("vkey", print_vkey(signer.verifier()));
    (void) dir.write("consistency", lines_of(consistency_proof(tree, 333, 1000).value()));
    (void) dir.write("inclusion", lines_of(inclusion_proof(tree, 700, 1000).value()));
    (void) dir.write("record", "700\n" + to_base64(view(leaf_hash("700"))) + "\n");
    const std::string program = dir / "foreign";
    const outcome built = shell(
        dir,
        "env GO111MODULE=off GOPATH=/usr/share/gocode GOFLAGS= GOCACHE=" CAIRN_BINARY_DIR
        "/go-cache "
        "go build -o " +
            program + " " CAIRN_SOURCE_DIR "/tests/unit/merkle/foreign.go"
    );
    INFO(built.err);
    REQUIRE(built.code == 0);
    const std::string command = program + " " + (dir / "");
    CHECK(shell(dir, command).out == "good\n");
    (void) dir.write("record", "701\n" + to_base64(view(leaf_hash("700"))) + "\n");
    CHECK(shell(dir, command).code == 1);
}

TEST_CASE("the verifier holds no storage code") {
    const folder dir;
    const outcome libraries = shell(dir, std::string("ldd ") + CAIRN_VERIFY);
    REQUIRE(libraries.code == 0);
    CHECK_THAT(libraries.out, Contains("libcrypto"));
    CHECK_THAT(libraries.out, !Contains("sqlite") && !Contains("protobuf") && !Contains("nghttp2"));
    const outcome symbols = shell(dir, std::string("nm -C ") + CAIRN_VERIFY);
    REQUIRE(symbols.code == 0);
    CHECK_THAT(symbols.out, Contains("cairn::merkle::verify_receipt"));
    CHECK_THAT(symbols.out, !Contains("sqlite3_") && !Contains("cairn::ledger"));
}

} // namespace
} // namespace cairn::merkle
