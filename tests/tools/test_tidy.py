import unittest

from planted import planted_tree

import repo
import tidy


def body(lines):
    return "".join(f"    x({i});\n" for i in range(lines))


class rules(planted_tree):
    def one(self, line, words, path="broker/daemon/a.cpp"):
        self.plant(path, f"// Why.\n{line}\n")
        self.assert_found(tidy.check, f"{path}:2", words)

    def fine(self, line, path="broker/daemon/a.cpp"):
        self.plant(path, f"// Why.\n{line}\n")
        self.assert_clean(tidy.check)

    def test_a_line_of_101_columns(self):
        self.one("// " + "x" * 98, "101 columns")
        self.fine("// " + "\u00e9" * 97)

    def test_white_space_at_the_end(self):
        self.one("int x; ", "white space")

    def test_a_last_line_without_end(self):
        self.plant("broker/daemon/a.cpp", "int x;")
        self.assert_found(tidy.check, "broker/daemon/a.cpp:1", "no end")

    def test_clocks(self):
        self.one("auto t = std::chrono::system_clock::now();", "clock:")
        self.one("auto t = std::chrono::steady_clock::now();", "clock:")
        self.fine("// system_clock::now is banned")
        self.fine('auto t = "system_clock::now";')

    def test_the_one_place_of_clocks(self):
        self.fine("auto t = std::chrono::system_clock::now();", "broker/core/system.cpp")

    def test_random_numbers(self):
        self.one("std::random_device d;", "random:")
        self.one("int x = rand();", "rand:")
        self.one("int x = std::rand();", "rand:")
        self.fine("int x = operand(1) + s.rand(2);")

    def test_sleeps(self):
        self.one("std::this_thread::sleep_for(1s);", "sleep:")
        self.one("::usleep(10);", "sleep:")

    def test_debug_strings(self):
        self.one("log(m.ShortDebugString());", "debug-string:")

    def test_debug_strings_in_tests(self):
        self.fine("log(m.ShortDebugString());", "tests/unit/a.cpp")

    def test_names_of_tests(self):
        self.one('TEST_CASE("this holds; that, too") {}', "test-name:")
        self.one('TEST_CASE_METHOD(world, "a; b", "[slow]") {}', "test-name:")
        self.fine('TEST_CASE("this holds, and that") { x(); }')

    def test_detached_work(self):
        self.one("std::thread(f).detach();", "detached:")
        self.one("co_spawn(ctx, f(), asio::detached);", "detached:")

    def test_const_cast(self):
        self.one("auto* p = const_cast<char*>(q);", "const-cast:")

    def test_throw_in_a_pure_module(self):
        self.one("throw 1;", "throw:", "broker/policy/a.cpp")

    def test_throw_elsewhere(self):
        self.fine("throw 1;")

    def test_todo_without_its_issue(self):
        self.one("// TO" + "DO later", "todo:")
        self.fine("// TO" + "DO(#12): later")

    def test_a_path_of_one_machine(self):
        self.one("see /wo" + "rk/main", "machine-path:", "docs/a.md")

    def test_a_path_of_one_machine_in_code(self):
        self.one('auto p = "/wo' + 'rk/x";', "machine-path:")

    def test_a_capturing_lambda_inside_co_spawn(self):
        self.one("co_spawn(ctx, [this]() -> task { co_return; }, done);", "co-spawn:")
        self.one("co_await co_spawn(ctx, [&] { return f(); }, use_awaitable);", "co-spawn:")
        self.fine("co_spawn(ctx, run(table[i](x)), done);")
        self.fine("const auto task = [this] { return run(); }; co_spawn(ctx, task, done);")

    def test_large_files(self):
        self.plant("docs/a.bin", b"\0" * (200 * 1024 + 1))
        self.assert_found(tidy.check, "docs/a.bin:1", "blob:")

    def test_modes(self):
        self.plant("docs/a.md", "words\n", 0o755)
        self.assert_found(tidy.check, "docs/a.md:1", "mode:")

    def test_the_scripts_people_call(self):
        self.plant("dev", "#!/bin/bash\n", 0o644)
        self.assert_found(tidy.check, "dev:1", "mode:")
        self.plant("dev", "#!/bin/bash\n", 0o755)
        self.assert_clean(tidy.check)


class lengths(planted_tree):
    path = "broker/daemon/a.cpp"

    def test_a_function_of_71_lines(self):
        self.plant(self.path, "int f(int a) {\n" + body(68) + "}\n")
        self.assert_clean(tidy.check)
        self.plant(self.path, "int f(int a) {\n" + body(69) + "}\n")
        self.assert_found(tidy.check, f"{self.path}:1", "a.cpp:f has 71 lines, 70 allowed")

    def test_a_file_of_601_lines(self):
        self.plant(self.path, "int x;\n" * 601)
        self.assert_found(tidy.check, f"{self.path}:1", "601 lines, 600 allowed")

    def test_a_long_function_of_python(self):
        self.plant("tools/a.py", "def f():\n" + "    x = 1\n" * 70)
        self.assert_found(tidy.check, "tools/a.py:1", "tools/a.py:f has 71 lines")

    def test_the_list_allows_the_present_length_and_no_more(self):
        self.plant(self.path, "int f(int a) {\n" + body(78) + "}\n")
        self.plant(tidy.ALLOWED, f"# why\n{self.path}:f 80\n")
        self.assert_clean(tidy.check)
        self.plant(tidy.ALLOWED, f"{self.path}:f 79\n")
        self.assert_found(tidy.check, f"{self.path}:1", "80 lines, 79 allowed")

    def test_the_list_only_shrinks(self):
        self.plant(self.path, "int f(int a) {\n" + body(78) + "}\n")
        self.plant(tidy.ALLOWED, f"{self.path}:f 90\n")
        self.assert_found(tidy.check, tidy.ALLOWED, "lower its entry")
        self.plant(self.path, "int f(int a) {\n}\n")
        self.assert_found(tidy.check, tidy.ALLOWED, "remove it")


class brace_matcher(unittest.TestCase):
    def names(self, text):
        return [(name, lines) for name, _, lines in tidy.functions(repo.code_of(text))]

    def test_scopes_are_no_functions(self):
        self.assertEqual(self.names("namespace a {\nclass b final : c<int()> {\n};\n"
                                    "enum class e : int {\nx\n};\n}\n"), [])

    def test_methods_templates_and_operators(self):
        text = ("namespace a {\ntemplate <class T>\nstruct b {\n  int f() const {\n    return 1;\n"
                "  }\n};\ntemplate <class T>\nT g(T x) {\n  if (x) {\n  }\n}\n"
                "bool operator==(b, b) { return true; }\n}\n")
        self.assertEqual([n for n, _ in self.names(text)], ["f", "g", "operator=="])

    def test_a_constructor_with_braces_in_its_list(self):
        text = "a::a(int x) : b_{x}, c_(x), d_{} {\n  f();\n}\nint g() {\n}\n"
        self.assertEqual(self.names(text), [("a::a", 3), ("g", 2)])

    def test_tables_are_data(self):
        text = "const std::map<int, int> m = {\n{1, f(2)},\n{3, 4},\n};\nint g() {\n}\n"
        self.assertEqual(self.names(text), [("g", 2)])

    def test_braces_in_texts_do_not_count(self):
        text = 'int f() {\n  s = "{{{"; c = \'{\'; // {\n  r = R"(}}})";\n}\nint g() {\n}\n'
        self.assertEqual(self.names(text), [("f", 4), ("g", 2)])

    def test_digit_separators_are_no_characters(self):
        self.assertEqual(self.names("int f() {\n  return 1'000'000;\n}\n"), [("f", 3)])


if __name__ == "__main__":
    unittest.main()
