#!/usr/bin/python3
"""Follows docs/INSTALL.md in a clean Debian, command by command: older packages are installed, a
partnership is made and serves, the newer ones take over, keys are encrypted, all is removed.

The machine is booted by systemd-nspawn, so that the units are started by systemd as they are, with
their filters. Its Debian is made once and kept in the build folder.
"""

import re
import sys
import time
import unittest

import aging
import machine
import packages
from following import Followed
# Runs beside the life: a machine of its own.
from stranger import BLOCKS, Stranger  # noqa: F401

SKIPPED = 77
RUNBOOK = packages.ROOT / "docs" / "RUNBOOK.md"
INBOX = ("cairn --context /etc/cairn/example/northshire-council/context.toml inbox "
         "northshire-council/front_door")
RUNNING = "cat /proc/[0-9]*/comm 2>/dev/null | grep -cxE 'cairnd|cairn-agent'"
# What the service must not see, where its user looks from within.
FORBIDDEN = "for f in /etc/cairn/keys /etc/cairn/authority /etc/cairn/admin /home; do ls $f && exit 1; done; exit 0"


class Life(Followed):
    """Older packages first, then the newer over them."""

    def property(self, unit, name):
        return self.good(f"systemctl show --property={name} --value {unit}").strip()

    # -- the steps, in order

    def test_the_life_of_the_packages(self):
        for step in (self.installed, self.first_concern, self.confined, self.verified_by_hand, self.agent,
                     self.renewed, self.backed_up, self.disk_lost, self.killed, self.upgraded, self.encrypted,
                     self.removed, self.purged):
            print(f"  {step.__name__}", file=sys.stderr)
            step()
        self.assertEqual(self.used, self.every() - BLOCKS, "each block of INSTALL.md was followed")

    def installed(self):
        self.follow("Install", folder="/packages/old")
        self.assertEqual(self.good("dpkg-query -W -f '${Version}' cairn-broker"), packages.OLDER)
        self.good("getent passwd cairn cairn-agent")
        for unit in ("cairnd", "cairn-agent@x", "cairn-backup.timer", "cairn-renewals.timer"):
            self.assertEqual(self.property(unit, "ActiveState"), "inactive", "nothing starts by being installed")
        for unit in ("cairnd", "cairn-backup.timer", "cairn-renewals.timer"):
            self.assertNotEqual(self.m.sh(f"systemctl is-enabled {unit}").code, 0)
        refused = self.m.sh("systemctl start cairnd")
        self.assertNotEqual(refused.code, 0)
        self.assertIn("Assertion failed", refused.err)

    def first_concern(self):
        commands = self.said["The first concern"][0].splitlines()
        self.assertLessEqual(len(commands), 3, "installed to first concern: at most three commands")
        began = time.monotonic()
        out = self.follow("The first concern", 0)
        print(f"{len(commands)} commands, {time.monotonic() - began:.1f} s from installed to first concern",
              file=sys.stderr)
        self.assertIn("Partnership northshire.example is made in /etc/cairn", out)
        self.assertRegex(out, r"Accepted(.|\n)*told +northshire-council/front_door")
        out = self.follow("The first concern", 1)
        self.assertRegex(out, r"notification +oakfield")
        self.assertIn("serves calls on port 7443", out)
        again = self.m.sh("cairn init --system --partnership other.example")
        self.assertEqual(again.code, 65, again)
        self.assertIn("is not empty", again.err)

    def confined(self):
        pid = self.property("cairnd", "MainPID")
        status = self.good(f"cat /proc/{pid}/status")
        self.assertIn("Seccomp:\t2", status)
        self.assertIn("NoNewPrivs:\t1", status)
        self.assertRegex(status, r"CapEff:\t0{16}\n")
        self.assertEqual(self.good(f"stat -c %U /proc/{pid}").strip(), "cairn")
        inside = self.m.sh(f"nsenter --target {pid} --mount setpriv --reuid cairn --regid cairn --clear-groups "
                           f"sh -c '{FORBIDDEN}'")
        self.assertEqual(inside.code, 0, inside)
        self.assertNotEqual(self.m.sh("setpriv --reuid cairn --regid cairn --clear-groups "
                                      "cat /etc/cairn/keys/partnership.key").code, 0)
        self.assertEqual(self.property("cairnd", "Type"), "notify")
        self.assertEqual(self.property("cairnd", "WatchdogUSec"), "2min")
        self.good("systemctl reload cairnd")
        self.assertEqual(self.property("cairnd", "MainPID"), pid, "a reload is no restart")
        self.assertEqual(self.m.sh(f"journalctl --no-pager -u cairnd | grep -c 'SECCOMP\\|code=dumped'").out.strip(),
                         "0")

    def verified_by_hand(self):
        out = self.follow("The first concern", 2)
        self.assertRegex(out, r"good: \d+ records")
        self.assertEqual(self.property("cairnd", "ActiveState"), "active")

    def agent(self):
        self.follow("An agent")
        folder = "/var/lib/cairn-agent/oakfield"
        self.assertTrue(self.m.appears(f"{folder}/sent", "*.tlog-proof"), "the agent's receipt")
        pid = self.property("cairn-agent@oakfield", "MainPID")
        self.assertEqual(self.good(f"stat -c %U /proc/{pid}").strip(), "cairn-agent")
        self.assertIn("Seccomp:\t2", self.good(f"cat /proc/{pid}/status"))
        self.assertEqual(self.property("cairn-agent@oakfield", "Type"), "notify")
        # Where its certificate lies, a renewed one is written; nowhere else below /etc.
        for folder, may in (("/etc/cairn/agents/oakfield", True), ("/etc/cairn/agents", False)):
            wrote = self.m.sh(f"nsenter --target {pid} --mount setpriv --reuid cairn-agent --regid cairn-agent "
                              f"--clear-groups sh -c 'touch {folder}/t && rm {folder}/t'")
            self.assertEqual(wrote.code == 0, may, wrote)

    def renewed(self):
        """An agent asks; the timer's service signs, confined as it is; the agent changes over."""
        home, waiting = "/etc/cairn/agents/oakfield", "cairn --context /etc/cairn/admin/context.toml renewals"
        before = aging.old_certificate(self.m, f"{self.place.name}/forge", "oakfield", "oakfield/dsl")
        for name, text in zip(("client.pem", "client.key"), before, strict=True):
            done = self.m.sh(f"cat >{home}/{name}", stdin=text)
            self.assertEqual(done.code, 0, done)
        self.good("systemctl restart cairn-agent@oakfield")
        self.assertTrue(self.m.logged("cairn-agent@oakfield", '"renewal_waits"'), "the agent asks")
        self.assertIn("waits", self.good(waiting))
        self.assertIn("cairn-renewals.timer", self.follow("Renewals"))
        self.assertRegex(self.journal("cairn-renewals"), r"(?m)^[0-9a-f]{16}: signed$")
        self.assertNotIn("waits", self.good(waiting))
        self.assertEqual(self.property("cairn-renewals.timer", "ActiveState"), "active")
        self.assertEqual(self.good("systemctl is-enabled cairn-renewals.timer").strip(), "enabled")
        self.assertNotIn(self.property("cairn-renewals.timer", "NextElapseUSecRealtime"), ("", "n/a"))
        self.good("systemctl restart cairn-agent@oakfield")
        self.assertTrue(self.m.logged("cairn-agent@oakfield", '"renewed"'), "the agent changes over")
        self.assertNotEqual(self.good(f"cat {home}/client.pem"), before[0])
        self.assertEqual(self.good(f"stat -c %U:%a {home}/client.key").strip(), "cairn-agent:600")
        self.good("systemctl start cairn-renewals")
        self.assertIn("Nothing waits.", self.journal("cairn-renewals"))

    def journal(self, unit):
        return self.good(f"journalctl --sync; journalctl --no-pager --output=cat --unit={unit}")

    def backed_up(self):
        refused = self.m.sh("systemctl start cairn-backup")
        self.assertNotEqual(refused.code, 0, "nobody has said for whom")
        self.assertIn("Assertion failed", refused.err)
        recipients = [self.good(f"cd /srv && cairn -o json backup key {n}.identity | grep -o 'age1[0-9a-z]*'").strip()
                      for n in ("ledger", "keys", "other")]
        out = self.follow("A backup every night", examples=[
            ("LEDGER_RECIPIENTS=age1...", f"LEDGER_RECIPIENTS={recipients[0]} {recipients[2]}"),
            ("KEYS_RECIPIENTS=age1...", f"KEYS_RECIPIENTS={recipients[1]}")])
        self.assertRegex(out, r"^OK: the last backup that was verified is of ")
        self.assertEqual(self.property("cairn-backup.timer", "ActiveState"), "active")
        self.assertEqual(self.property("cairn-backup", "Result"), "success")
        for kind in ("ledger", "keys"):
            (archive,) = self.good(f"ls /var/lib/cairn-backups/{kind}/*.{kind}.age").split()
            self.assertEqual(self.good(f"stat -c %U:%a {archive}").strip(), "cairn:600")
        # It comes back, by either of the ledger's recipients.
        for name in ("ledger", "other"):
            back = self.m.sh(self.restore(f"/srv/back-{name}", name))
            self.assertIn("--lost-since", back.err, "whole, and it says how far it goes")

    @staticmethod
    def restore(to, name, more=""):
        return (f"cairn restore {to} --ledger /var/lib/cairn-backups/ledger/*.ledger.age "
                f"--keys /var/lib/cairn-backups/keys/*.keys.age --identity /srv/{name}.identity "
                f"--identity /srv/keys.identity {more}")

    def disk_lost(self):
        """RUNBOOK.md, "Disk lost", for the packages' units: ledger, configuration and keys are gone."""
        drop_ins = re.findall(r"(?ms)^```ini\n(.*?)^```", RUNBOOK.read_text())
        gone = "/var/lib/cairn /etc/cairn/broker /etc/cairn/keys"
        before = self.good(INBOX)
        self.good(f"systemctl stop cairnd; mkdir /srv/gone; mv {gone} /srv/gone")
        back = self.m.sh(self.restore("/var/lib/cairn-restored", "ledger"))
        (since,) = re.findall(r"--lost-since (\S+Z)", back.err)
        self.good(self.restore("/var/lib/cairn-restored", "ledger", f"--lost-since {since}"))
        self.good("chown -R cairn: /var/lib/cairn-restored")
        for unit, text in zip(("cairnd", "cairn-backup"), drop_ins, strict=True):
            self.good(f"mkdir -p /etc/systemd/system/{unit}.service.d; cat >/etc/systemd/system/{unit}.service.d/"
                      f"restored.conf <<'END'\n{text}END\n")
        self.good("systemctl daemon-reload; systemctl start cairnd cairn-backup")
        self.assertEqual(self.good(INBOX), before)
        self.assertEqual(self.good("ls /var/lib/cairn-restored/data/backup/last.json").count("last"), 1)
        # As it was, for what follows.
        self.good("systemctl stop cairnd; rm -r /etc/systemd/system/cairn*.service.d /var/lib/cairn; "
                  "cd /srv/gone; mv cairn /var/lib; mv broker keys /etc/cairn; systemctl daemon-reload; "
                  "systemctl start cairnd")

    def killed(self):
        pid = self.property("cairnd", "MainPID")
        starts = int(self.good("journalctl --no-pager --output=cat --unit=cairnd | grep -c '^Started '"))
        self.good("systemctl kill --signal=KILL cairnd")
        self.assertTrue(self.m.started("cairnd", starts + 1), "another broker")
        self.assertNotIn(self.property("cairnd", "MainPID"), ("0", pid))
        self.assertEqual(self.good(INBOX).count("notification"), 2)

    def upgraded(self):
        self.assertEqual(self.m.sh(RUNNING).out.strip(), "2")
        before = {u: self.property(u, "MainPID") for u in ("cairnd", "cairn-agent@oakfield")}
        self.follow("Upgrade", folder="/packages/new")
        self.assertNotEqual(self.good("dpkg-query -W -f '${Version}' cairn-broker"), packages.OLDER)
        for unit, pid in before.items():
            self.assertEqual(self.property(unit, "ActiveState"), "active", unit)
            self.assertNotEqual(self.property(unit, "MainPID"), pid, f"{unit} runs the new program")
        self.assertEqual(self.good(INBOX).count("notification"), 2, "what was there is served")
        self.good("cairn --context /etc/cairn/example/oakfield/context.toml send /etc/cairn/example/concern.json")
        self.assertEqual(self.good(INBOX).count("notification"), 3)

    def encrypted(self):
        self.follow("Keys at rest")
        self.good("shred -u /etc/cairn/keys/partnership.key /etc/cairn/keys/log.key; systemctl restart cairnd")
        self.assertEqual(self.good(INBOX).count("notification"), 3)
        before = self.good("ls /var/lib/cairn-backups/ledger/*.ledger.age").split()
        self.good("systemctl start cairn-backup")
        self.assertEqual(len(self.good("ls /var/lib/cairn-backups/ledger/*.ledger.age").split()), len(before) + 1)

    def removed(self):
        self.follow("Remove", 0)
        self.assertEqual(self.m.sh(RUNNING).out.strip(), "0", "what is removed does not go on")
        for unit in ("cairn-backup.timer", "cairn-renewals.timer"):
            self.assertEqual(self.property(unit, "ActiveState"), "inactive", unit)
        self.good("test -s /var/lib/cairn/ledger.db -a -s /etc/cairn/broker/cairnd.toml -a -s /etc/cairn/calendar.csv")
        self.good("apt install -y ./cairn-*.deb && systemctl start cairnd", "/packages/new")
        self.assertEqual(self.good(INBOX).count("notification"), 3, "installed again, it serves on")

    def purged(self):
        said = self.follow("Remove", 1)
        self.assertIn("/var/lib/cairn is kept", said)
        self.assertIn("/etc/cairn/keys is kept", said)
        self.assertIn("/var/lib/cairn-backups is kept", said)
        self.good("test -s /var/lib/cairn/ledger.db -a ! -e /etc/cairn/calendar.csv")
        for unit in ("cairnd.service", "cairn-agent@.service", "cairn-backup.timer", "cairn-renewals.timer"):
            self.assertNotEqual(self.m.sh(f"systemctl cat {unit}").code, 0)
        links = self.good("find /etc/systemd/system -name 'cairn*.service' -o -name 'cairn*.timer'")
        self.assertEqual(links, "", "nothing is left that would start")


if __name__ == "__main__":
    why = machine.why_not()
    if why:
        print(f"skipped: {why}", file=sys.stderr)
        sys.exit(SKIPPED)
    unittest.main(verbosity=2)
