#!/usr/bin/python3
"""deploy/systemd/cairnd.service takes away what the broker does not need, the authority first of all."""

import collections
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = pathlib.Path(os.environ.get("CAIRN_BUILD") or ROOT / "build" / "dev").resolve()
UNIT = ROOT / "deploy" / "systemd" / "cairnd.service"
AUTHORITY = pathlib.PurePosixPath("/etc/cairn/authority")
DATA = pathlib.PurePosixPath("/var/lib/cairn")
# Tenths of systemd's measure, 100 being exposed to everything.
EXPOSURE_MAX = 15

REQUIRED = {
    "User": "cairn", "UMask": "0077", "ProtectSystem": "strict", "ProtectHome": "yes",
    "PrivateTmp": "yes", "PrivateDevices": "yes", "PrivateUsers": "yes", "NoNewPrivileges": "yes",
    "CapabilityBoundingSet": "", "AmbientCapabilities": "", "MemoryDenyWriteExecute": "yes",
    "ProtectKernelTunables": "yes", "ProtectKernelModules": "yes", "ProtectKernelLogs": "yes",
    "ProtectControlGroups": "yes", "ProtectClock": "yes", "ProtectHostname": "yes",
    "ProtectProc": "invisible", "RestrictNamespaces": "yes", "RestrictRealtime": "yes",
    "RestrictSUIDSGID": "yes", "LockPersonality": "yes", "SystemCallArchitectures": "native",
    "RestrictAddressFamilies": "AF_INET AF_INET6 AF_UNIX", "LimitCORE": "0",
    "ReadWritePaths": str(DATA), "StateDirectoryMode": "0700",
}


def parse(text):
    """{section: {key: [values]}}, as systemd reads it: keys may repeat."""
    out = collections.defaultdict(lambda: collections.defaultdict(list))
    section = None
    for line in text.splitlines():
        line = line.strip()
        if not line or line[0] in "#;":
            continue
        if line.startswith("["):
            section = line[1:-1]
            continue
        key, found, value = line.partition("=")
        assert section and found, line
        out[section][key].append(value)
    return out


def missing(service):
    """The directives that are not there as they must be."""
    return [k for k, v in REQUIRED.items() if service.get(k) != [v]]


def reaches(service, folder):
    """Whether the process could see the folder."""
    hidden = [
        pathlib.PurePosixPath(word.lstrip("-+"))
        for value in service.get("InaccessiblePaths", []) for word in value.split()
    ]
    return not any(h == folder or h in folder.parents for h in hidden)


class Unit(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.text = UNIT.read_text()
        cls.service = parse(cls.text)["Service"]

    def test_every_directive_is_there(self):
        self.assertEqual(missing(self.service), [])
        calls = self.service["SystemCallFilter"]
        self.assertEqual(calls[0], "@system-service")
        for more in calls[1:]:
            self.assertTrue(more.startswith("~"), "only taken away")

    def test_a_directive_less_is_found(self):
        """The test above can fail."""
        for key in REQUIRED:
            less = re.sub(rf"(?m)^{key}=.*\n", "", self.text)
            self.assertIn(key, missing(parse(less)["Service"]))

    def test_the_authority_is_out_of_reach(self):
        self.assertFalse(reaches(self.service, AUTHORITY))
        self.assertFalse(reaches(self.service, AUTHORITY / "authority.key"))
        self.assertTrue(reaches(self.service, pathlib.PurePosixPath("/etc/cairn/broker/cairnd.toml")))
        open_again = [w for k in ("BindPaths", "BindReadOnlyPaths", "LoadCredential")
                      for w in self.service.get(k, [])]
        self.assertEqual(open_again, [])
        self.assertNotIn("authority", " ".join(self.service["ExecStart"] + self.service["ExecStartPre"]))

    def test_it_writes_its_data_alone(self):
        for key in ("ReadWritePaths", "StateDirectory"):
            self.assertEqual(len(self.service[key]), 1)
        self.assertEqual(self.service["StateDirectory"], ["cairn"])
        for key in ("LogsDirectory", "CacheDirectory", "ConfigurationDirectory", "RuntimeDirectory"):
            self.assertNotIn(key, self.service)
        self.assertFalse(str(AUTHORITY).startswith(str(DATA)))

    def test_the_commands_are_ones_cairnd_has(self):
        known = subprocess.run(
            [str(BUILD / "bin" / "cairnd"), "--help"], capture_output=True, text=True, check=True,
            timeout=60,
        ).stdout
        for line in self.service["ExecStart"] + self.service["ExecStartPre"]:
            program, *words = line.split()
            self.assertEqual(program, "/usr/bin/cairnd")
            for flag in (w for w in words if w.startswith("-")):
                self.assertIn(flag, known)

    def test_what_a_restart_cannot_mend_stays_down(self):
        self.assertEqual(self.service["Restart"], ["on-failure"])
        self.assertEqual(self.service["RestartPreventExitStatus"], ["64 78"])

    @unittest.skipUnless(shutil.which("systemd-analyze"), "no systemd-analyze")
    def test_systemd_itself_measures_little_exposure(self):
        def exposure(text):
            with tempfile.TemporaryDirectory(prefix="cairn-unit-") as folder:
                path = pathlib.Path(folder) / "cairnd.service"
                path.write_text(text)
                done = subprocess.run(
                    ["systemd-analyze", "security", "--offline=true", "--no-pager",
                     f"--threshold={EXPOSURE_MAX}", str(path)],
                    capture_output=True, text=True, check=False, timeout=60,
                )
            found = re.search(r"Overall exposure level for \S+: (\d+\.\d+)", done.stdout)
            self.assertTrue(found, done.stdout + done.stderr)
            return done.returncode, float(found[1])

        code, level = exposure(self.text)
        self.assertEqual(code, 0, level)
        self.assertLessEqual(level, EXPOSURE_MAX / 10)
        bare, _ = exposure("[Service]\nExecStart=/usr/bin/cairnd\n")
        self.assertNotEqual(bare, 0, "the measure can fail")


if __name__ == "__main__":
    unittest.main(verbosity=2)
