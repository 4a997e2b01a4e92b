import os
import shutil
import unittest

from planted import planted_tree

import format as formatter


class layout(planted_tree):
    def setUp(self):
        super().setUp()
        here = os.path.join(os.path.dirname(__file__), "..", "..", ".clang-format")
        shutil.copy(here, self.root)

    def test_a_file_out_of_shape_is_found_and_made(self):
        self.plant("broker/core/a.cpp", "int  x( int a ){return a;}\n")
        self.assert_found(formatter.check, "broker/core/a.cpp:1", "./dev fmt")
        formatter.check(self.root, fix=True)
        self.assert_clean(formatter.check)

    def test_a_file_in_shape_is_no_finding(self):
        self.plant("broker/core/a.cpp", "int x(int a) {\n    return a;\n}\n")
        self.assert_clean(formatter.check)


if __name__ == "__main__":
    unittest.main()
