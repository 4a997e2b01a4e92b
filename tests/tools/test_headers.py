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
        entry = {"command": f"ccache /usr/bin/c++ -I{self.root}/broker -isystem /nowhere -c x.cpp"}
        self.assertEqual(headers.flags_of([entry]), [
            "/usr/bin/c++", "-std=c++20", f"-I{self.root}/broker", "-isystem/nowhere"])
        names = ["broker/core/a.hpp", "broker/core/b.hpp", "certs/c.hpp"]
        problems = headers.check(self.root, [entry], [os.path.join(self.root, n) for n in names])
        self.assertEqual(len(problems), 1, problems)
        self.assertIn("a.hpp:1: headers: does not compile alone", problems[0])
        self.plant("commands.json", json.dumps([entry]))
        self.assertEqual(headers.main(self.root, os.path.join(self.root, "commands.json"),
                                      os.path.join(self.root, "certs/c.hpp")), 0)


if __name__ == "__main__":
    unittest.main()
