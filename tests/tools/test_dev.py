"""The script for people, on a machine that is made up: fakes on PATH write down how they are called."""
import os
import pathlib
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
REAL = ("bash", "cat", "chmod", "dirname", "env", "grep", "nproc", "readlink", "sed", "sort", "tr")
PACKAGES = [line for line in (ROOT / "tools" / "packages.txt").read_text().splitlines()
            if line and not line.startswith("#")]


class dev(unittest.TestCase):
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
        done = subprocess.run(
            [str(ROOT / "dev"), *words], capture_output=True, text=True, timeout=30, check=False,
            env={"PATH": str(self.bin), "HOME": str(self.folder), **env})
        said = self.calls.read_text().splitlines() if self.calls.exists() else []
        self.did = [c for c in said if not c.startswith(("dpkg-query", "id ", "node "))]
        return done

    def assert_built(self, calls):
        self.assertEqual([c.split()[:3] for c in calls],
                         [["cmake", "--preset", "dev"], ["cmake", "--build", "--preset"]])

    def test_help_names_every_command_and_installs_nothing(self):
        for words in ([], ["help"], ["-h"], ["--help"]):
            done = self.dev(*words)
            self.assertEqual((done.returncode, self.did), (0, []))
            for command in ("demo", "up", "test", "bench", "fuzz", "build", "package", "fmt", "shots"):
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
            self.calls.unlink(missing_ok=True)
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


if __name__ == "__main__":
    unittest.main()
