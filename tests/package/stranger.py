"""A stranger's way with the packages alone: a partnership that is reached by its name, a council and a school that
enrol by docs/ENROLMENT.md, the school's agent as a service, a file dropped, a receipt.

All of it is one machine here, where the broker's name leads by /etc/hosts.
"""

import re
import shlex
import sys
import time

import packages
from following import Followed, blocks

ENROLMENT = packages.ROOT / "docs" / "ENROLMENT.md"
# Of INSTALL.md, what is for nobody who tries the example.
BLOCKS = {("A real partnership", 0)}
NAME = "cairn.northshire.example"
# As INSTALL.md says of ENROLMENT.md's folders.
PLACES = [("northshire/admin/context.toml", "/etc/cairn/admin/context.toml"),
          ("northshire/authority", "/etc/cairn/authority")]
# Another agency by the same page: its values in place of the example's.
COUNCIL = [("oakfield/dsl", "northshire-council/front_door"), ("oakfield", "northshire-council"),
           ("--kind school", "--kind social_care"),
           ('"Oakfield Primary School" --code 900101', '"Northshire Council"'),
           ("Oakfield's safeguarding lead", "Northshire front door, 01632 960200")]
TOLD = re.compile(r"by telephone: +((?:[0-9a-f]{4} ){7}[0-9a-f]{4})")
HOME = "/srv/walk"


class Stranger(Followed):
    def test_from_the_packages_to_the_first_receipt_of_a_school_that_enrolled(self):
        self.pages, self.commands, began = blocks(ENROLMENT), 0, time.monotonic()
        self.good(f"mkdir {HOME}; echo '127.0.0.1 {NAME}' >>/etc/hosts")
        self.take("Install", folder="/packages/new")
        self.take("A real partnership")
        self.one(self.pages["Once: the partnership and a second administrator"][0].splitlines()[-1])
        self.enrol(COUNCIL)
        invited, before = time.monotonic(), self.commands
        self.enrol()
        self.take("An agent", folder=HOME, examples=[("FROM=/etc/cairn/example/oakfield", "FROM=oakfield")])
        sent = "/var/lib/cairn-agent/oakfield/sent"
        self.assertTrue(self.m.appears(sent, "*.tlog-proof"), "the agent's receipt")
        end = time.monotonic()
        print(f"  {self.commands} commands, {end - began:.1f} s from the packages to the receipt of a school that "
              f"enrolled; {self.commands - before}, {end - invited:.1f} s from its invitation on", file=sys.stderr)
        self.good(f"cairn-verify receipt {sent}/*.tlog-proof --key oakfield/vkeys", HOME)
        self.assertRegex(self.good("cairn --context northshire-council/context.toml inbox "
                                   "northshire-council/front_door", HOME), r"notification +oakfield")
        self.good("cairn-agent status --config /etc/cairn/agents/oakfield/agent.toml")
        self.assertEqual(self.used, BLOCKS | {("Install", 0), ("An agent", 0)})

    def take(self, section, **more):
        self.commands += len(self.said[section][0].splitlines())
        return self.follow(section, **more)

    def one(self, line):
        """A command of ENROLMENT.md, at the packages' places; what it said."""
        for page, here in PLACES:
            line = line.replace(page, here)
        self.commands += 1
        return self.good(line, HOME)

    def enrol(self, values=()):
        """Steps 1 to 5, with another agency's values."""
        told = None
        steps = [b for title, found in self.pages.items() if title[:1].isdigit() for b in found]
        for line in "\n".join(steps).splitlines():
            if line.startswith("FINGERPRINT="):
                continue
            for example, value in values:
                line = line.replace(example, value)
            if "$FINGERPRINT" in line:
                self.assertIsNotNone(told, "nothing was read out before")
                line = line.replace('"$FINGERPRINT"', shlex.quote(told))
            said = self.one(line)
            if "agency invite" in line:
                self.assertIn(f'broker = "{NAME}:7443"', self.good("cat *.invitation", HOME))
            told = TOLD.search(said)[1] if TOLD.search(said) else told
