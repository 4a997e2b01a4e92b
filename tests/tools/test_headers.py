import json
import os
import unittest

from planted import planted_tree

import headers


class alone(planted_tree):
    def test_a_header_that_leans_on_another_is_found(self):
        self.plant("broker/core/a.hpp", "#pragma once\nstd::string a();\n")
        self.plant("broker/core/b.hpp", "#pragma once\n#include <string>\nstd::string b();\n")
        self.plant("certs/c.hpp", '#pragma once\n#include "core/b.hpp"\n')
        entry = {"directory": self.root, "file": "x.cpp",
                 "command": f"ccache /usr/bin/c++ -I{self.root}/broker -isystem /nowhere -c x.cpp"}
        self.assertEqual(headers.flags_of([entry]), [
            "/usr/bin/c++", "-std=c++20", f"-I{self.root}/broker", "-isystem/nowhere"])
        names = ["broker/core/a.hpp", "broker/core/b.hpp", "certs/c.hpp"]
        problems = headers.check(self.root, [entry], [os.path.join(self.root, n) for n in names])
        self.assertEqual(len(problems), 1, problems)
        self.assertIn("a.hpp:1: headers: does not compile alone", problems[0])
        self.plant("commands.json", json.dumps([entry]))
        self.assertEqual(headers.main(self.root, os.path.join(self.root, "commands.json"),
                                      os.path.join(self.root, "certs/c.hpp")), 0)

    def test_what_a_file_of_the_build_includes_first_was_compiled_alone(self):
        self.plant("broker/core/a.cpp", '// Why.\n#include "core/a.hpp"\n\n#include "core/b.hpp"\n')
        self.plant("certs/c.cpp", '#include <string>\n\n#include "certs/c.hpp"\n')
        entries = [{"directory": self.root, "file": name}
                   for name in ("broker/core/a.cpp", "certs/c.cpp", "made/gone.cpp")]
        names = ["broker/core/a.hpp", "broker/core/b.hpp", "certs/c.hpp"]
        self.assertEqual(headers.left_by_the_build(entries, names), names[1:])


if __name__ == "__main__":
    unittest.main()
