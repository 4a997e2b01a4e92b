"""The script for people, on a machine that is made up: fakes on PATH write down how they are called."""
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
REAL = ("bash", "cat", "chmod", "dirname", "env", "grep", "nproc", "readlink", "sed", "sort", "tr")
PACKAGES = [line for line in (ROOT / "tools" / "packages.txt").read_text().splitlines()
            if line and not line.startswith("#")]


class made_up(unittest.TestCase):
    """A machine on which every package is there and nothing is done."""

    root = ROOT

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.bin = self.folder / "bin"
        self.bin.mkdir()
        self.calls = self.folder / "calls"
        for name in REAL:
            found = next(d for d in ("/usr/bin", "/bin") if os.path.exists(f"{d}/{name}"))
            (self.bin / name).symlink_to(f"{found}/{name}")
        self.fake("cmake")
        self.fake("apt-get")
        self.installed(PACKAGES)
        self.user(0)

    def fake(self, name, then=""):
        program = self.bin / name
        program.write_text(f'#!/bin/bash\necho "{name} $*" >> "{self.calls}"\n{then}\n')
        program.chmod(0o755)

    def installed(self, packages):
        """dpkg-query knows these, and ends with 1 where it was asked for another, as the real one."""
        have = self.folder / "have"
        have.write_text("".join(f"installed {p}\n" for p in packages))
        self.fake("dpkg-query", f'cat "{have}"; exit 1')

    def user(self, number):
        self.fake("id", f"echo {number}")

    def dev(self, *words, **env):
        return self.script("dev", *words, **env)

    def script(self, name, *words, **env):
        self.calls.unlink(missing_ok=True)
        done = subprocess.run(
            [str(self.root / name), *words], capture_output=True, text=True, timeout=30, check=False,
            env={"PATH": str(self.bin), "HOME": str(self.folder), **env})
        said = self.calls.read_text().splitlines() if self.calls.exists() else []
        self.did = [c for c in said if not c.startswith(("dpkg-query", "id ", "node "))]
        return done


class dev(made_up):
    def assert_built(self, calls):
        self.assertEqual([c.split()[:3] for c in calls],
                         [["cmake", "--preset", "dev"], ["cmake", "--build", "--preset"]])

    def test_help_names_every_command_and_installs_nothing(self):
        for words in ([], ["help"], ["-h"], ["--help"]):
            done = self.dev(*words)
            self.assertEqual((done.returncode, self.did), (0, []))
            for command in ("demo", "up", "test", "check", "bench", "fuzz", "build", "package", "fmt", "shots"):
                self.assertIn(f"./dev {command}", done.stdout)

    def test_an_unknown_command_is_named_and_ends_with_64(self):
        done = self.dev("tset")
        self.assertEqual((done.returncode, self.did), (64, []))
        self.assertIn("no such command: tset", done.stderr)
        self.assertIn("./dev test", done.stderr)

    def test_with_everything_there_nothing_is_installed(self):
        done = self.dev("build")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assert_built(self.did)

    def test_root_installs_what_is_missing_and_that_alone(self):
        self.installed([p for p in PACKAGES if p not in ("catch2", "libxml2-dev")])
        done = self.dev("build")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.did[:2], [
            "apt-get update -q",
            "apt-get install -y -q --no-install-recommends libxml2-dev catch2"])
        self.assert_built(self.did[2:])

    def test_a_user_installs_by_sudo(self):
        self.installed([p for p in PACKAGES if p != "catch2"])
        self.user(1000)
        self.fake("sudo", 'exec "$@"')
        done = self.dev("build")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.did[:4], [
            "sudo apt-get update -q", "apt-get update -q",
            "sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "
            "catch2",
            "apt-get install -y -q --no-install-recommends catch2"])
        self.assert_built(self.did[4:])

    def test_a_user_without_sudo_is_told_what_root_must_do(self):
        self.installed([p for p in PACKAGES if p != "catch2"])
        self.user(1000)
        done = self.dev("build")
        self.assertEqual((done.returncode, self.did), (1, []))
        self.assertIn("as root: apt-get update && apt-get install catch2", done.stderr)

    def test_a_failed_install_ends_it(self):
        self.installed([])
        self.fake("apt-get", "exit 100")
        self.assertEqual(self.dev("build").returncode, 100)
        self.assertEqual(self.did, ["apt-get update -q"])

    def test_another_distribution_is_told_where_the_list_is(self):
        (self.bin / "dpkg-query").unlink()
        done = self.dev("build")
        self.assertIn("tools/packages.txt", done.stderr)
        self.assert_built(self.did)

    def test_node_of_another_origin_counts_from_the_version_its_clients_need(self):
        self.installed([p for p in PACKAGES if p not in ("nodejs", "npm")])
        self.fake("npm")
        for version, enough in {"v18.14.0": False, "v18.9.9": False, "v18.14.1": True,
                                "v20.1.0": True, "v100.0.0": True, "": False}.items():
            self.fake("node", f"echo {version}")
            self.assertEqual(self.dev("build").returncode, 0)
            self.assertEqual(not any("nodejs npm" in c for c in self.did), enough, version)

    def test_no_proxy_stands_between_the_tests_and_this_machine(self):
        self.fake("cmake", f'echo "$no_proxy $NO_PROXY" > "{self.folder}/proxy"')
        self.dev("build", no_proxy="intranet.example")
        self.assertEqual((self.folder / "proxy").read_text().split(),
                         ["localhost,127.0.0.1,intranet.example"] * 2)

    def test_tsan_builds_its_preset_and_runs_what_is_labelled(self):
        self.fake("ctest")
        done = self.dev("test", "--tsan", "-R", "ledger")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.did[0].split()[:3], ["cmake", "--preset", "tsan"])
        self.assertRegex(self.did[-1], "^ctest --preset tsan -L tsan .*-R ledger$")

    def test_check_compiles_nothing_and_runs_what_is_labelled(self):
        self.fake("ctest", "exit 8")
        done = self.dev("check")
        self.assertEqual(done.returncode, 8, "what was found is its exit code")
        self.assertEqual(len(self.did), 2, self.did)
        self.assertTrue(self.did[0].startswith("cmake --preset dev "), self.did)
        self.assertTrue(self.did[1].startswith("ctest --preset dev -L tidy "), self.did)


SUMMARY = "100% tests passed, 0 tests failed out of 3"
# What each step of ./dev test is, in order, as it is called.
INSTALL = ["apt-get update -q", "apt-get install -y -q --no-install-recommends catch2"]
DEV = ["cmake --preset dev", "cmake --build --preset dev"]
ASAN = ["cmake --preset asan", "cmake --build --preset asan"]
ONE_FOLDER = "all_tests.py build/all dev=build/dev"
CTEST = "ctest --test-dir build/all"
WHOLE = [*INSTALL, *DEV, *ASAN, f"{ONE_FOLDER} asan=build/asan:without=slow,once", CTEST]


class the_two_commands(made_up):
    """In a copy of what they are made of, where the story and the list of tests are fakes as well."""

    def setUp(self):
        super().setUp()
        self.root = self.folder / "checkout"
        for name in ("dev", ".ci/run", "tools/packages.txt"):
            (self.root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, self.root / name)
        (self.root / "tools" / "all_tests.py").write_text(
            "import subprocess, sys\n"
            f"sys.exit(subprocess.run(['{self.bin}/all_tests.py', *sys.argv[1:]]).returncode)\n")
        (self.root / "deploy" / "demo").mkdir(parents=True)
        (self.root / "deploy" / "demo" / "run").symlink_to(self.bin / "story")
        self.installed([p for p in PACKAGES if p != "catch2"])
        self.fails()

    def fails(self, step="none", code=0):
        """That step ends with that code, every other well."""
        last = f'case "{{0}} $*" in "{step}"*) exit {code} ;; esac'
        for name, says in (("apt-get", "noise"), ("cmake", "noise"), ("all_tests.py", ""),
                           ("ctest", SUMMARY), ("story", "the story")):
            self.fake(name, (f"echo '{says}'\n" if says else "") + last.format(name))

    def assert_did(self, steps):
        self.assertEqual(len(self.did), len(steps), self.did)
        for call, step in zip(self.did, steps, strict=True):
            self.assertTrue(call.startswith(step), f"{call}, and not {step}")

    def test_test_installs_configures_builds_both_and_runs_everything_once(self):
        done = self.dev("test")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assert_did(WHOLE)
        self.assertIn("--no-tests=error", self.did[-1])

    def test_quick_leaves_the_sanitizers_out(self):
        done = self.dev("test", "--quick")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assert_did([*INSTALL, *DEV, ONE_FOLDER, CTEST])
        self.assertNotIn("asan", " ".join(self.did))

    def test_further_words_go_to_the_runner_alone(self):
        for first in ([], ["--quick"]):
            self.dev("test", *first, "-R", "certs")
            self.assertTrue(self.did[-1].endswith(" -R certs"), self.did)
            self.assertNotIn("certs", " ".join(self.did[:-1]))

    def test_a_step_that_fails_is_the_last_and_its_exit_code_that_of_the_whole(self):
        for program in ("dev", ".ci/run"):
            for at, step in enumerate(WHOLE):
                self.fails(step, 40 + at)
                done = self.script(program, *(["test"] if program == "dev" else []))
                self.assertEqual(done.returncode, 40 + at, step)
                self.assert_did(WHOLE[:at + 1])

    def test_ci_does_the_same_without_colours_and_its_last_line_is_the_runners_summary(self):
        self.fake("ctest", f'echo "$CI $TERM $NO_COLOR" > "{self.folder}/seen"; echo "{SUMMARY}"')
        done = self.script(".ci/run")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assert_did(WHOLE)
        self.assertEqual(done.stdout, SUMMARY + "\n", "what is built says its part on standard error")
        self.assertEqual((self.folder / "seen").read_text(), "1 dumb 1\n")
        self.script(".ci/run", "--quick", "-L", "unit")
        self.assert_did([*INSTALL, *DEV, ONE_FOLDER, CTEST])
        self.assertTrue(self.did[-1].endswith(" -L unit"))

    def test_demo_and_up_build_four_programs_for_release_and_tell_the_story(self):
        for words, more in ((["demo"], ""), (["up"], " --keep"), (["demo", "--folder", "x"], " --folder x")):
            done = self.dev(*words)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assert_did([*INSTALL, "cmake --preset release", "cmake --build --preset release",
                             "story build/release" + more])
            self.assertTrue(self.did[-2].endswith(" --target cairnd cairn cairn-agent cairn-verify"), self.did)
            self.assertEqual(done.stdout, "the story\n", "the story alone is for the reader")

    def test_a_demo_that_cannot_be_built_is_not_told_and_a_story_that_fails_says_so(self):
        for step, calls in (("cmake --build", 4), ("story", 5)):
            self.fails(step, 7)
            done = self.dev("demo")
            self.assertEqual((done.returncode, len(self.did)), (7, calls), self.did)


if __name__ == "__main__":
    unittest.main()
