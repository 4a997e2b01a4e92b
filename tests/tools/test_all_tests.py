import os
import subprocess
import unittest

from planted import planted_tree

import all_tests


class one_folder_of_many(planted_tree):
    def build(self, name, text):
        self.plant(f"{name}/CTestTestfile.cmake", text)
        return f"{name}={self.root}/{name}"

    def run_all(self, *specs):
        out = os.path.join(self.root, "all")
        all_tests.main(out, specs)
        done = subprocess.run(["ctest", "--test-dir", out, "--output-on-failure"],
                              capture_output=True, text=True)
        return done.returncode, done.stdout + done.stderr

    def test_every_build_counts_in_one_summary(self):
        code, text = self.run_all(
            self.build("dev", 'add_test("a: is so" "true")\n'),
            self.build("asan", 'add_test("a: is so" "true")\n'))
        self.assertEqual(code, 0, text)
        self.assertIn("100% tests passed, 0 tests failed out of 2", text)

    def test_a_failure_in_the_first_build_is_named_and_counts(self):
        code, text = self.run_all(
            self.build("dev", 'add_test("a: is so" "false")\n'),
            self.build("asan", 'add_test("a: is so" "true")\n'))
        self.assertNotEqual(code, 0)
        self.assertIn("50% tests passed, 1 tests failed out of 2", text)
        self.assertIn("dev: a: is so (Failed)", text)

    def test_a_label_can_be_left_out_of_one_build(self):
        slow = 'add_test(a "true")\nset_tests_properties(a PROPERTIES LABELS "unit;slow")\n'
        code, text = self.run_all(self.build("dev", slow),
                                  self.build("asan", slow) + ":without=slow")
        self.assertEqual(code, 0, text)
        self.assertIn("failed out of 1", text)

    def test_labels_of_one_word_count_and_several_can_be_left_out(self):
        three = ('add_test(a "true")\nset_tests_properties(a PROPERTIES LABELS "unit-slow")\n'
                 'add_test(b "true")\nset_tests_properties(b PROPERTIES LABELS docs)\n'
                 'add_test(c "true")\nset_tests_properties(c PROPERTIES LABELS unit)\n')
        code, text = self.run_all(self.build("asan", three) + ":without=slow,docs")
        self.assertEqual(code, 0, text)
        self.assertIn("failed out of 1", text)
        self.assertIn("asan: c", text)

    def test_names_and_arguments_keep_every_character(self):
        self.plant("show", "#!/bin/sh\nprintf '%s|' \"$@\"\n", 0o755)
        program = os.path.join(self.root, "show")
        code, text = self.run_all(self.build("dev", (
            f'add_test([=[a "quoted" $name; and [more]]=] "{program}" [=[x;y]=] [=[$z "]=] "")\n'
            'set_tests_properties([=[a "quoted" $name; and [more]]=] PROPERTIES '
            'PASS_REGULAR_EXPRESSION "x;y.[$]z .[|][|]" ENVIRONMENT "A=1;B=2")\n')))
        self.assertEqual(code, 0, text)

    def test_a_test_whose_program_is_missing_fails(self):
        code, text = self.run_all(self.build("dev", 'add_test(a "/nowhere/at/all")\n'))
        self.assertNotEqual(code, 0, text)

    def test_fixtures_stay_within_their_build(self):
        both = ('add_test(up "{0}")\nadd_test(use "true")\n'
                "set_tests_properties(up PROPERTIES FIXTURES_SETUP f)\n"
                "set_tests_properties(use PROPERTIES FIXTURES_REQUIRED f)\n")
        code, text = self.run_all(self.build("dev", both.format("false")),
                                  self.build("asan", both.format("true")))
        self.assertNotEqual(code, 0)
        self.assertIn("dev: use (Not Run)", text)
        self.assertIn("2 tests failed out of 4", text)


if __name__ == "__main__":
    unittest.main()
