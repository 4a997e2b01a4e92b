import os
import subprocess
import unittest

from planted import planted_tree

import layers


class arrows(planted_tree):
    def one(self, path, line, words):
        self.plant(path, f"#pragma once\n\n{line}\n")
        self.assert_found(layers.check, f"{path}:3", words)

    def fine(self, path, *lines):
        self.plant(path, "\n".join(lines) + "\n")
        self.assert_clean(layers.check)

    def test_core_takes_nothing_of_ours(self):
        self.one("broker/core/a.hpp", '#include "policy/table.hpp"', "core may not use policy")

    def test_core_takes_no_proto(self):
        self.one("broker/core/a.hpp", '#include "cairn/v1/notice.pb.h"', "core may not use proto")
        self.one("broker/core/a.hpp", "#include <google/protobuf/message.h>",
                 "core may not use proto")

    def test_policy_takes_no_registry_and_registry_no_policy(self):
        self.one("broker/policy/a.cpp", '#include "registry/snapshot.hpp"', "may not use registry")

    def test_registry_takes_no_policy(self):
        self.one("broker/registry/a.cpp", '#include "policy/table.hpp"', "may not use policy")

    def test_merkle_takes_no_ledger(self):
        self.one("broker/merkle/a.cpp", '#include "ledger/ledger.hpp"', "may not use ledger")

    def test_transport_takes_no_ledger(self):
        self.one("broker/transport/a.cpp", '#include "ledger/ledger.hpp"', "may not use ledger")

    def test_certs_takes_core_alone(self):
        self.one("certs/a.cpp", '#include "transport/tls.hpp"', "certs may not use transport")

    def test_the_product_takes_nothing_of_the_tests(self):
        self.one("broker/daemon/a.cpp", '#include "support/bad_certs.hpp"', "may not use tests")

    def test_an_agent_takes_no_ledger(self):
        self.one("agents/core/a.cpp", '#include "ledger/ledger.hpp"', "may not use ledger")

    def test_the_offline_verifier_takes_no_ledger(self):
        self.one("broker/apps/verify/a.cpp", '#include "ledger/reader.hpp"', "may not use ledger")

    def test_a_module_without_a_row_is_a_finding(self):
        self.one("broker/misc/a.hpp", "#include <string>", "no row in the module table")

    def test_a_header_without_its_folder_is_a_finding(self):
        self.one("broker/core/a.hpp", '#include "bytes.hpp"', "path from the root")

    def test_a_test_may_name_a_helper_beside_it(self):
        self.fine("tests/unit/core/a_test.cpp", '#include "pipe.hpp"')

    def test_openssl_stays_inside_cpp_files(self):
        self.one("certs/a.hpp", "#include <openssl/evp.h>", "inside .cpp")

    def test_openssl_stays_in_its_modules(self):
        self.one("broker/session/a.cpp", "#include <openssl/evp.h>", "may not use openssl")

    def test_nghttp2_stays_in_the_engine(self):
        self.one("broker/session/codec.cpp", "#include <nghttp2/nghttp2.h>", "the engine's files")

    def test_nghttp2_stays_out_of_transport(self):
        self.one("broker/transport/a.cpp", "#include <nghttp2/nghttp2.h>", "may not use nghttp2")

    def test_sqlite_stays_in_ledger(self):
        self.one("broker/daemon/a.cpp", "#include <sqlite3.h>", "may not use sqlite3")

    def test_sqlite_stays_out_of_other_tests(self):
        self.one("tests/unit/policy/a.cpp", "#include <sqlite3.h>", "belongs to ledger")

    def test_asio_stays_out_of_pure_modules(self):
        self.one("broker/session/a.hpp", "#include <boost/asio/buffer.hpp>", "may not use asio")

    def test_a_library_without_a_row_is_a_finding_everywhere(self):
        for path in ("broker/daemon/a.cpp", "agents/apps/a.cpp", "tests/unit/core/a_test.cpp"):
            for header in ("spdlog/spdlog.h", "zlib.h", "absl/strings/str_cat.h", "uv.hpp"):
                with self.subTest(path=path, header=header):
                    self.one(path, f"#include <{header}>", "of no library in THIRD")
            os.remove(os.path.join(self.root, path))

    def test_what_the_system_brings_is_no_library(self):
        self.fine("broker/daemon/a.cpp", "#include <chrono>", "#include <sys/prctl.h>",
                  "#include <unistd.h>", "#include <arpa/inet.h>", "#include <condition_variable>")

    def test_a_pure_module_reaches_no_thread_and_no_file(self):
        self.one("broker/routing/a.cpp", "#include <thread>", "routing is pure")

    def test_a_pure_module_reaches_no_socket(self):
        self.one("broker/policy/a.cpp", "#  include <sys/socket.h>", "policy is pure")

    def test_a_pure_module_takes_no_header_of_the_machine(self):
        for header in ("ctime", "cstdlib", "atomic", "stdio.h", "stdlib.h", "time.h"):
            self.one("broker/policy/a.cpp", f"#include <{header}>", f"no <{header}>")

    def test_a_pure_module_asks_the_machine_nothing(self):
        for call in ('getenv("X")', "std::time(nullptr)", "::time(nullptr)", "time (0)",
                     "clock_gettime(0, &t)", "gettimeofday(&t, 0)", "RAND_bytes(p, 8)"):
            for line in (f"const auto x = {call};", f"if ({call}) return {call.replace('x', 'y')};",
                         f"return {call};"):
                with self.subTest(line):
                    self.plant("broker/routing/a.cpp", f"\n{line}\n")
                    problems, _ = layers.check(self.root)
                    self.assertTrue(problems, line)
                    self.assertIn("broker/routing/a.cpp:2: layers: a pure module does not call",
                                  problems[0])

    def test_what_only_has_the_name_is_no_call(self):
        self.fine("broker/core/a.cpp", "// getenv(x)", 'auto t = "time(0)";',
                  "const clock& time() const;", "rt.time();", "rt->time();", "decide_time(0);")
        self.fine("broker/core/system.cpp", "#include <ctime>", "auto t = ::time(nullptr);")
        self.fine("broker/transport/a.cpp", "auto t = ::time(nullptr);")

    def test_what_is_allowed_is_no_finding(self):
        self.fine("broker/core/result.hpp", '#include "core/errors.hpp"',
                  "#include <boost/system/result.hpp>", "#include <string>")
        self.fine("broker/core/crypto.cpp", "#include <openssl/evp.h>")
        self.fine("broker/routing/a.cpp", '#include "registry/snapshot.hpp"',
                  '#include "policy/table.hpp"', '#include "cairn/v1/notice.pb.h"')
        self.fine("broker/ledger/a.cpp", '#include "registry/snapshot.hpp"',
                  "#include <sqlite3.h>", "#include <thread>")
        self.fine("broker/session/http2_engine.cpp", "#include <nghttp2/nghttp2.h>")
        self.fine("broker/transport/tls.hpp", "#include <boost/asio/ssl/context.hpp>")
        self.fine("broker/daemon/a.cpp", '#include "ledger/ledger.hpp"',
                  '#include "transport/server.hpp"')
        self.fine("tests/unit/ledger/a.cpp", "#include <sqlite3.h>", '#include "certs/parse.hpp"')

    def test_only_tracked_files_count_in_a_checkout(self):
        self.plant("broker/core/a.hpp", '#include "policy/table.hpp"\n')
        subprocess.run(["git", "init", "-q", self.root], check=True)
        self.assert_clean(layers.check)
        subprocess.run(["git", "-C", self.root, "add", "broker"], check=True)
        self.assert_found(layers.check, "broker/core/a.hpp:1", "core may not use policy")


if __name__ == "__main__":
    unittest.main()
