#!/usr/bin/python3
"""The units of deploy/systemd take away what broker and agent do not need, the authority first of all."""

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
UNITS = ROOT / "deploy" / "systemd"
CONFIG = pathlib.PurePosixPath("/etc/cairn")
AUTHORITY = CONFIG / "authority"
DATA = pathlib.PurePosixPath("/var/lib/cairn")
# Tenths of systemd's measure, 100 being exposed to everything.
EXPOSURE_MAX = 15

REQUIRED = {
    "UMask": "0077", "ProtectSystem": "strict", "ProtectHome": "yes", "PrivateTmp": "yes",
    "PrivateDevices": "yes", "PrivateUsers": "yes", "PrivateMounts": "yes", "NoNewPrivileges": "yes",
    "CapabilityBoundingSet": "", "AmbientCapabilities": "", "MemoryDenyWriteExecute": "yes",
    "ProtectKernelTunables": "yes", "ProtectKernelModules": "yes", "ProtectKernelLogs": "yes",
    "ProtectControlGroups": "yes", "ProtectClock": "yes", "ProtectHostname": "yes",
    "ProtectProc": "invisible", "ProcSubset": "pid", "RestrictNamespaces": "yes",
    "RestrictRealtime": "yes", "RestrictSUIDSGID": "yes", "LockPersonality": "yes",
    "SystemCallArchitectures": "native", "RestrictAddressFamilies": "AF_INET AF_INET6 AF_UNIX",
    "LimitCORE": "0", "StateDirectoryMode": "0700", "Restart": "on-failure",
    "RestartPreventExitStatus": "64 78",
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


# One that runs and ends is started again by its timer, and needs no network to copy files.
REQUIRED_ONCE = {
    **{k: v for k, v in REQUIRED.items() if k not in ("Restart", "RestartPreventExitStatus")},
    "Type": "oneshot", "RestrictAddressFamilies": "AF_UNIX", "PrivateNetwork": "yes", "IPAddressDeny": "any",
}


def missing(service, required=None):
    """The directives that are not there as they must be."""
    return [k for k, v in (required or REQUIRED).items() if service.get(k) != [v]]


def reaches(service, folder):
    """Whether the process could see the folder."""
    hidden = [
        pathlib.PurePosixPath(word.lstrip("-+"))
        for value in service.get("InaccessiblePaths", []) for word in value.split()
    ]
    return not any(h == folder or h in folder.parents for h in hidden)


def exposure(name, text):
    """systemd's own measure: whether it is within EXPOSURE_MAX, and the figure."""
    with tempfile.TemporaryDirectory(prefix="cairn-unit-") as folder:
        path = pathlib.Path(folder) / name
        path.write_text(text)
        done = subprocess.run(
            ["systemd-analyze", "security", "--offline=true", "--no-pager",
             f"--threshold={EXPOSURE_MAX}", str(path)],
            capture_output=True, text=True, check=False, timeout=60,
        )
    found = re.search(r"Overall exposure level for \S+: (\d+\.\d+)", done.stdout)
    if not found:
        raise AssertionError(done.stdout + done.stderr)
    return done.returncode, float(found[1])


class Measured:
    """What holds of each unit, whoever it runs as."""

    unit = program = None

    @classmethod
    def setUpClass(cls):
        cls.text = (UNITS / cls.unit).read_text()
        cls.service = parse(cls.text)["Service"]

    @unittest.skipUnless(shutil.which("systemd-analyze"), "no systemd-analyze")
    def test_systemd_itself_measures_little_exposure(self):
        code, level = exposure(self.unit, self.text)
        print(f"{self.unit}: {level}", flush=True)
        self.assertEqual(code, 0, level)
        self.assertLessEqual(level, EXPOSURE_MAX / 10)
        bare, _ = exposure(self.unit, f"[Service]\nExecStart=/usr/bin/{self.program}\n")
        self.assertNotEqual(bare, 0, "the measure can fail")


class Hardened(Measured):
    """What holds of each unit that has a user of its own."""

    user = None
    required = REQUIRED
    # The command whose options its program is given.
    command = ()

    def test_every_directive_is_there(self):
        self.assertEqual(missing(self.service, self.required), [])
        self.assertEqual((self.service["User"], self.service["Group"]), ([self.user], [self.user]))
        calls = self.service["SystemCallFilter"]
        self.assertEqual(calls[0], "@system-service")
        for more in calls[1:]:
            self.assertTrue(more.startswith("~"), "only taken away")

    def test_a_directive_less_is_found(self):
        """The test above can fail."""
        for key in self.required:
            less = re.sub(rf"(?m)^{key}=.*\n", "", self.text)
            self.assertIn(key, missing(parse(less)["Service"], self.required))

    def test_the_authority_and_the_admin_are_out_of_reach(self):
        for path in (AUTHORITY, AUTHORITY / "authority.key", CONFIG / "admin", CONFIG / "keys"):
            self.assertFalse(reaches(self.service, path), path)
        open_again = [w for k in ("BindPaths", "BindReadOnlyPaths") for w in self.service.get(k, [])]
        self.assertEqual(open_again, [])
        said = self.service["ExecStart"] + self.service["ExecStartPre"] + self.service.get("LoadCredential", [])
        self.assertNotIn("authority", " ".join(said))

    def test_the_commands_are_ones_the_program_has(self):
        known = subprocess.run(
            [str(BUILD / "bin" / self.program), *self.command, "--help"], capture_output=True, text=True, check=True,
            timeout=60,
        ).stdout
        for line in self.service["ExecStart"] + self.service["ExecStartPre"]:
            program, *words = line.split()
            self.assertEqual(program, f"/usr/bin/{self.program}")
            for flag in (w for w in words if w.startswith("-")):
                self.assertIn(flag, known)


class Broker(Hardened, unittest.TestCase):
    unit, program, user = "cairnd.service", "cairnd", "cairn"

    def test_it_reads_its_own_folder(self):
        self.assertTrue(reaches(self.service, CONFIG / "broker" / "cairnd.toml"))
        self.assertFalse(reaches(self.service, CONFIG / "agents"))

    def test_its_keys_are_credentials(self):
        self.assertEqual(
            self.service["LoadCredential"],
            [f"{k}:/etc/cairn/keys/{k}" for k in ("partnership.key", "log.key")])

    def test_it_says_when_it_serves_and_that_it_lives(self):
        self.assertEqual((self.service["Type"], self.service["NotifyAccess"]), (["notify"], ["main"]))
        self.assertGreater(int(self.service["WatchdogSec"][0]), 0)

    def test_it_writes_its_data_alone(self):
        self.assertEqual(self.service["ReadWritePaths"], [str(DATA)])
        for key in ("ReadWritePaths", "StateDirectory"):
            self.assertEqual(len(self.service[key]), 1)
        self.assertEqual(self.service["StateDirectory"], ["cairn"])
        for key in ("LogsDirectory", "CacheDirectory", "ConfigurationDirectory", "RuntimeDirectory"):
            self.assertNotIn(key, self.service)
        self.assertFalse(str(AUTHORITY).startswith(str(DATA)))


class Agent(Hardened, unittest.TestCase):
    unit, program, user = "cairn-agent@.service", "cairn-agent", "cairn-agent"

    def test_it_reads_its_own_folder_and_no_brokers(self):
        self.assertTrue(reaches(self.service, CONFIG / "agents" / "oakfield" / "agent.toml"))
        self.assertFalse(reaches(self.service, CONFIG / "broker"))
        self.assertFalse(reaches(self.service, DATA))

    def test_it_says_when_it_works_and_that_it_lives(self):
        self.assertEqual((self.service["Type"], self.service["NotifyAccess"]), (["notify"], ["main"]))
        self.assertGreater(int(self.service["WatchdogSec"][0]), 0)

    def test_an_instance_writes_its_own_folders_alone(self):
        # Its configuration's, because a renewed certificate takes the place of the old one there.
        self.assertEqual(self.service["ReadWritePaths"],
                         ["/var/lib/cairn-agent/%i /etc/cairn/agents/%i"])
        self.assertNotIn("ReadOnlyPaths", self.service)
        self.assertEqual(self.service["StateDirectory"], ["cairn-agent cairn-agent/%i"])


class Backup(Hardened, unittest.TestCase):
    unit, program, user = "cairn-backup.service", "cairn", "cairn"
    required, command = REQUIRED_ONCE, ("backup",)

    def test_it_has_the_broker_s_keys_as_the_broker_has_them(self):
        broker = parse((UNITS / "cairnd.service").read_text())["Service"]
        self.assertEqual(self.service["LoadCredential"], broker["LoadCredential"])
        self.assertTrue(reaches(self.service, CONFIG / "broker" / "cairnd.toml"))

    def test_it_writes_its_working_copies_and_the_archives_alone(self):
        self.assertEqual(self.service["ReadWritePaths"], [str(DATA)])
        self.assertEqual(self.service["StateDirectory"], ["cairn-backups/ledger cairn-backups/keys"])
        (line,) = self.service["ExecStart"]
        for folder in ("--to /var/lib/cairn-backups/ledger ", "--keys-to /var/lib/cairn-backups/keys "):
            self.assertIn(folder, line)

    def test_it_does_nothing_before_recipients_are_named(self):
        unit = parse(self.text)["Unit"]
        self.assertEqual(unit["AssertPathExists"], self.service["EnvironmentFile"])
        self.assertNotIn("Install", parse(self.text), "the timer starts it")
        named = set(re.findall(r"\$(\w+)", self.service["ExecStart"][0]))
        example = re.search(r"backup\.env <<'END'\n(.*?)END", (ROOT / "docs" / "INSTALL.md").read_text(), re.S)
        self.assertEqual(named, set(re.findall(r"(?m)^(\w+)=", example[1])))


class Timers(unittest.TestCase):
    def test_each_starts_a_service_and_makes_up_for_a_night_that_was_missed(self):
        for path in sorted(UNITS.glob("*.timer")):
            with self.subTest(path.name):
                self.assertTrue(path.with_suffix(".service").exists())
                timer = parse(path.read_text())
                self.assertEqual(timer["Timer"]["Persistent"], ["true"])
                self.assertEqual(timer["Install"]["WantedBy"], ["timers.target"])

    @unittest.skipUnless(shutil.which("systemd-analyze"), "no systemd-analyze")
    def test_the_backup_is_nightly(self):
        (when,) = parse((UNITS / "cairn-backup.timer").read_text())["Timer"]["OnCalendar"]
        said = subprocess.run(
            ["systemd-analyze", "calendar", "--iterations=3", "--base-time=2026-11-22 12:00:00 UTC", when],
            capture_output=True, text=True, check=True, timeout=60, env={**os.environ, "TZ": "UTC"},
        ).stdout
        days = re.findall(r"(\d{4}-\d\d-\d\d) (\d\d):", said)
        self.assertEqual([d for d, _ in days[-3:]], ["2026-11-23", "2026-11-24", "2026-11-25"], said)
        self.assertLess(int(days[-1][1]), 5)


class Renewals(Measured, unittest.TestCase):
    """Root's, for it reads the authority: everything else is taken away all the same."""

    unit, program = "cairn-renewals.service", "cairn"

    def test_it_writes_copies_of_what_it_signed_alone(self):
        service = parse(self.text)["Service"]
        self.assertEqual(service["ReadWritePaths"], [str(AUTHORITY / "issued")])
        for key in ("ProtectSystem", "CapabilityBoundingSet", "NoNewPrivileges",
                    "RestrictAddressFamilies", "LimitCORE"):
            self.assertEqual(service[key], [REQUIRED[key]], key)

    def test_the_command_is_one_cairn_has(self):
        (line,) = parse(self.text)["Service"]["ExecStart"]
        program, *words = line.split()
        self.assertEqual(program, "/usr/bin/cairn")
        self.assertIn("renewals", words)
        known = subprocess.run(
            [str(BUILD / "bin" / "cairn"), "renewals", "--help"], capture_output=True, text=True,
            check=True, timeout=60,
        ).stdout
        self.assertIn("--authority", known)


if __name__ == "__main__":
    unittest.main(verbosity=2)
