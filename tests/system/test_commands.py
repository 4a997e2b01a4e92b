"""The command line of admins and agencies: what each command does, and what it says when it cannot."""

import json
import os
import re
import shutil
import stat

import harness
import samples
from harness import BIN, submission
from samples import DSL, FRONT_DOOR, NAMED, PPU

SUBMIT = "/cairn.v1.Exchange/Submit"


def plain(done):
    """What people read of an error: what, and what next."""
    return re.fullmatch(r"cairn: (.+)\n(?:  cause: .+\n)?  next: (.+)\n", done.err)


class Commands(harness.SystemTest):
    def fails(self, done, code, said):
        self.assertEqual(done.code, code, done)
        self.assertEqual(done.out, "", done)
        self.assertTrue(plain(done), done)
        self.assertIn(said, done.err, done)
        return done

    def registry(self):
        return self.p.good("admin", "-o", "json", "agency", "list").json()

    def agency(self, ident):
        return next(a for a in self.registry()["agencies"] if a["id"] == ident)

    def desk(self, ident):
        return next(d for d in self.registry()["desks"] if d["id"] == ident)

    def certificates(self, uri_end):
        return [c for c in self.registry()["certificates"] if c["uri"].endswith(uri_end)]


class errors(Commands):
    """Every refusal says what, where, why and what next, to people and to scripts."""

    def cases(self):
        broken = self.p.folder / "broken.toml"
        broken.write_text("broker = \n")
        nowhere = self.p.folder / "admin" / "nowhere.toml"
        nowhere.write_text(re.sub(
            r'broker = ".*"', 'broker = "127.0.0.1:1"', self.p.context("admin").read_text()
        ))
        admin = ["--context", self.p.context("admin")]
        school = ["--context", self.p.context("oakfield")]
        missing = self.p.folder / "missing.json"
        return [
            # arguments, exit code, symbol, word of where or cause
            (["--context", missing, "status"], 66, "file_unreadable", "missing.json"),
            (["--context", broken, "status"], 78, "config_bad_value", "broken.toml"),
            (["--context", nowhere, "status"], 69, "connect_failed", ""),
            ([*school, "track", "0" * 32], 66, "not_found", ""),
            ([*school, "send", missing], 66, "file_unreadable", "missing.json"),
            ([*school, "inbox", "northshire-health/named"], 77, "desk_not_allowed", ""),
            ([*school, "agency", "list"], 77, "operation_not_allowed", ""),
            ([*admin, "agency", "suspend", "nobody", "--reason", "x"], 66, "not_found", "nobody"),
            ([*admin, "agency", "add", "x1", "--kind", "circus", "--name", "X"], 65, "bad_value", "police"),
            ([*admin, "desk", "add", "nobody/dsl"], 65, "bad_value", "nobody/dsl"),
            ([*admin, "cert", "issue", "agency/oakfield"], 64, "usage", "--csr"),
            ([*admin, "cert", "revoke", "abc", "--reason", "x"], 66, "not_found", "8 digits"),
            ([*admin, "audit", "verify"], 77, "operation_not_allowed", ""),
        ]

    def test_people_are_told_what_next(self):
        for arguments, code, _, word in self.cases():
            done = harness.run([BIN / "cairn", *arguments])
            self.fails(done, code, word)

    def test_a_place_does_not_hide_its_cause(self):
        _, (broken, *_), *_ = self.cases()
        people = harness.run([BIN / "cairn", *broken])
        self.assertRegex(people.err, r"broken\.toml\)\n  cause: \S")
        told = json.loads(harness.run([BIN / "cairn", "-o", "json", *broken]).err)
        self.assertTrue(told["where"].endswith("broken.toml") and told["cause"], told)

    def test_scripts_get_one_json_object(self):
        for arguments, code, symbol, word in self.cases():
            done = harness.run([BIN / "cairn", *arguments, "-o", "json"])
            self.assertEqual((done.code, done.out), (code, ""), done)
            self.assertEqual(done.err.count("\n"), 1, done)
            told = json.loads(done.err)
            self.assertEqual(list(told), ["code", "symbol", "what", "where", "cause", "next"])
            self.assertEqual(told["symbol"], symbol, done)
            self.assertTrue(told["what"] and told["next"], done)
            self.assertIn(word, told["where"] + told["cause"], done)

    def test_a_refusal_by_the_broker_is_taken_apart(self):
        done = self.p.cairn("admin", "-o", "json", "desk", "add", "nobody/dsl")
        told = json.loads(done.err)
        self.assertEqual(told["what"], "A field has a value that cannot be")
        self.assertIn("nobody/dsl", told["where"])
        self.assertNotIn(told["next"], told["where"])
        self.assertNotIn("(", told["where"][:1])

    def test_a_wrong_command_line_is_told_in_the_form_asked_for(self):
        for arguments in (["-o", "json", "fly"], ["track", "--output=json"], ["agency", "-ojson"]):
            done = harness.run([BIN / "cairn", *arguments])
            self.assertEqual((done.code, done.out), (64, ""), done)
            self.assertEqual(json.loads(done.err)["symbol"], "usage")
        done = harness.run([BIN / "cairn", "fly"])
        self.assertEqual(done.code, 64)
        self.assertNotIn("{", done.err)


class the_registry(Commands):
    """Agencies, desks and mandates."""

    def test_an_agency_is_listed_and_shown(self):
        listed = self.p.good("admin", "agency", "list").out
        self.assertRegex(listed, r"(?m)^oakfield +school +100042 +live +Oakfield Primary School$")
        shown = self.p.good("admin", "agency", "show", "oakfield").out
        self.assertEqual(len(shown.splitlines()), 2)
        as_json = self.p.good("admin", "-o", "json", "agency", "show", "oakfield").json()
        self.assertEqual(as_json["kind"], "AGENCY_KIND_SCHOOL")
        self.fails(self.p.cairn("admin", "agency", "show", "nobody"), 66, "nobody")

    def test_a_suspension_is_ended_by_resume_alone(self):
        name = "northshire-police"
        self.p.good("admin", "agency", "suspend", name, "--reason", "left the partnership")
        self.fails(self.p.cairn(name, "inbox", samples.MASH), 77, "suspended")
        again = self.p.cairn(
            "admin", "agency", "add", name, "--kind", "police", "--name", "Northshire Police"
        )
        self.fails(again, 65, "resume")
        self.assertTrue(self.agency(name)["suspended"])
        self.p.good("admin", "agency", "change", name, "--name", "Northshire Constabulary")
        now = self.agency(name)
        self.assertEqual((now["name"], now["suspended"]), ("Northshire Constabulary", True))
        self.assertIn("suspended", self.p.good("admin", "agency", "show", name).out)
        self.p.good("admin", "agency", "resume", name, "--reason", "came back")
        self.assertNotIn("suspended", self.agency(name))
        self.p.good(name, "inbox", samples.MASH)
        self.p.good("admin", "agency", "change", name, "--name", "Northshire Police")

    def test_a_change_keeps_what_is_not_said(self):
        self.p.good("admin", "agency", "change", "oakfield", "--name", "Oakfield School")
        now = self.agency("oakfield")
        self.assertEqual(now["organisationCodes"], ["100042"])
        self.assertEqual(now["kind"], "AGENCY_KIND_SCHOOL")
        self.p.good("admin", "agency", "change", "oakfield", "--name", "Oakfield Primary School")
        self.fails(self.p.cairn("admin", "agency", "change", "nobody", "--name", "X"), 66, "nobody")

    def test_a_closed_desk_is_opened_by_open_alone(self):
        listed = self.p.good("admin", "desk", "list").out
        self.assertRegex(listed, r"(?m)^northshire-council/lado +- +open +Northshire's officer")
        self.p.good("admin", "desk", "close", samples.LADO, "--reason", "moved")
        again = self.p.cairn("admin", "desk", "add", samples.LADO, "--ask", "somebody else")
        self.fails(again, 65, "open")
        self.assertTrue(self.desk(samples.LADO)["closed"])
        self.p.good("admin", "desk", "change", samples.LADO, "--ask", "The officer, 01632 960042")
        now = self.desk(samples.LADO)
        self.assertEqual((now["ask"], now["closed"]), ("The officer, 01632 960042", True))
        self.assertRegex(self.p.good("admin", "desk", "list").out, r"(?m)^\S+/lado +- +closed ")
        self.p.good("admin", "desk", "open", samples.LADO, "--reason", "moved back")
        self.assertNotIn("closed", self.desk(samples.LADO))

    def told(self, concern, desks):
        """Which of the desks, all of the police, got a notice of it."""
        def has(desk):
            rows = self.p.good("northshire-police", "-o", "json", "inbox", desk).json().get("deliveries", [])
            return any(r["notice"]["concernId"] == concern for r in rows)

        return [d for d in desks if has(d)]

    def test_the_first_deputy_gets_what_is_for_a_closed_desk(self):
        visitor, first, second = "northshire-health/hv", PPU, samples.MASH
        both = ["--deputy", first, "--deputy", second]
        self.p.good("admin", "desk", "add", visitor, "--deputy", second, "--deputy", first)
        self.assertEqual(self.desk(visitor)["deputies"], [second, first])
        self.p.good("admin", "desk", "change", visitor, *both)
        self.assertEqual(self.desk(visitor)["deputies"], [first, second])
        self.assertRegex(
            self.p.good("admin", "desk", "list").out, rf"(?m)^{visitor} +{first} {second} +open"
        )
        self.p.good("admin", "desk", "change", visitor, "--ask", "Health visitors, 01632 960031")
        self.assertEqual(self.desk(visitor)["deputies"], [first, second], "what is not said is kept")
        for wrong, why in ((visitor, "own deputy"), ("northshire-health/nobody", "not a desk")):
            self.fails(self.p.cairn("admin", "desk", "change", visitor, "--deputy", wrong), 65, why)

        path = self.p.folder / "visitor.json"
        path.write_text(json.dumps(samples.small([visitor], purpose="PURPOSE_EARLY_HELP")))
        open_ = self.p.good("oakfield", "-o", "json", "send", path).json()["concernId"]
        self.assertEqual(self.told(open_, [first, second]), [])
        self.p.good("admin", "desk", "close", visitor, "--reason", "post is vacant")
        closed = self.p.good("oakfield", "-o", "json", "send", path).json()["concernId"]
        self.assertEqual(self.told(closed, [first, second]), [first])

    def test_an_intermediary_sends_by_mandate_and_not_without(self):
        self.p.good(
            "admin", "agency", "add", "schoolsoft", "--kind", "voluntary", "--name", "School Soft"
        )
        self.p.enrol("agency/schoolsoft", "schoolsoft", desks=[])
        concern = self.p.folder / "mandated.json"
        concern.write_text(json.dumps(samples.small([FRONT_DOOR])))

        def send(key):
            return self.p.cairn(
                "schoolsoft", "-o", "json", "send", concern, "--key", key, "--on-behalf-of", "oakfield"
            )

        def refused(key):
            done = send(key)
            self.assertEqual(done.code, 77, done)
            self.assertEqual(json.loads(done.err)["symbol"], "no_mandate")

        refused("mandate-key-1")
        add = ["mandate", "add", "m-2026", "--holder", "schoolsoft", "--for", "oakfield"]
        self.fails(self.p.cairn("admin", *add, "--until", "soon"), 64, "--until")
        self.p.good("admin", *add, "--until", "2099-01-01", "--desk", DSL)
        sent = send("mandate-key-2")
        self.assertEqual(sent.code, 0, sent)
        rows = self.p.good(
            "northshire-council", "-o", "json", "inbox", FRONT_DOOR
        ).json()["deliveries"]
        mine = [r["notice"] for r in rows if r["notice"]["concernId"] == sent.json()["concernId"]]
        self.assertEqual([n["sender"] for n in mine], ["oakfield"])
        # By the mandate its desk may be read, too.
        self.p.enrol("agency/schoolsoft", "schoolsoft-desk", desks=[DSL])
        self.p.good("schoolsoft-desk", "inbox", DSL)
        listed = self.p.good("admin", "mandate", "list").out
        self.assertRegex(listed, r"(?m)^m-2026 +schoolsoft +oakfield +in force .* 2099-01-01T00:00:00Z +oakfield/dsl$")
        self.fails(self.p.cairn("admin", *add, "--until", "2099-01-01"), 65, "another ID")
        self.fails(
            self.p.cairn("admin", "mandate", "end", "m-0", "--reason", "x"), 66, "m-0"
        )
        self.p.good("admin", "mandate", "end", "m-2026", "--reason", "contract ended")
        self.assertRegex(self.p.good("admin", "mandate", "list").out, r"(?m)^m-2026 .* ended ")
        refused("mandate-key-3")
        self.fails(self.p.cairn("schoolsoft-desk", "inbox", DSL), 77, "mandate")
        later = ["mandate", "add", "m-2090", *add[3:], "--from", "2090-01-01", "--until", "2099-01-01"]
        self.p.good("admin", *later)
        refused("mandate-key-4")


class sending(Commands):
    """A concern in a file, sent by the command line."""

    def write(self, name, content):
        path = self.p.folder / name
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return path

    def test_send_tells_who_was_told_and_writes_the_receipt(self):
        path = self.write("sent.json", samples.small([FRONT_DOOR]))
        receipt = self.p.folder / "sent.tlog-proof"
        done = self.p.good("oakfield", "send", path, "--desk", NAMED, "--receipt", receipt)
        self.assertRegex(done.out, r"^Accepted, on disk and in the log: concern [0-9a-f]{32}\n")
        for desk in (FRONT_DOOR, NAMED):
            self.assertIn(f"  told     {desk}\n", done.out)
        checked = harness.run([BIN / "cairn-verify", "receipt", receipt, "--key", self.p.vkeys])
        self.assertEqual(checked.code, 0, checked)

    def test_the_same_key_is_the_same_concern(self):
        path = self.write("repeated.json", samples.small())
        first, again = (
            self.p.good("oakfield", "-o", "json", "send", path, "--key", "cli-repeat-1").json()
            for _ in range(2)
        )
        self.assertEqual(first["concernId"], again["concernId"])
        other = self.p.good("oakfield", "-o", "json", "send", path).json()
        self.assertNotEqual(first["concernId"], other["concernId"])

    def test_a_concern_by_standard_input_and_one_with_its_key(self):
        text = json.dumps(samples.small()).encode()
        self.p.good("oakfield", "send", "-", stdin=text)
        path = self.write("whole.json", submission("cli-whole-1", samples.small()).decode())
        self.p.good("oakfield", "send", path)

    def test_what_is_no_concern_is_refused_with_its_place(self):
        path = self.write("spoiled.json", {"purpose": "PURPOSE_S47", "persons": [{"rolle": 1}]})
        self.fails(self.p.cairn("oakfield", "send", path), 65, "spoiled.json")
        nobody = samples.changed(samples.small(), "SUBJECT_UNSPECIFIED", "persons", 0, "role")
        self.fails(self.p.cairn("oakfield", "send", self.write("nobody.json", nobody)), 65, "role")


class a_new_partnership(harness.SystemTest):
    """cairn init."""

    start_broker = False

    def test_secrets_are_their_owners_alone(self):
        made = harness.Partnership(self.p.folder.parent / "modes").init().folder
        keys = {str(f.relative_to(made)) for f in made.rglob("*.key")}
        self.assertEqual(keys, {
            "authority/authority.key", "admin/admin.key", "broker/tls/server.key",
            "broker/keys/partnership.key", "broker/keys/log.key",
            "authority/policy/founding-author.key", "authority/policy/founding-officer.key",
        })
        for f in keys:
            self.assertEqual(stat.S_IMODE((made / f).stat().st_mode), 0o600, f)
        for f in ("ledger.db", "keys.db"):
            mode = stat.S_IMODE((made / "broker" / "data" / f).stat().st_mode)
            self.assertEqual(mode & 0o077, 0, f)
        folders = [made, *(f for f in made.rglob("*") if f.is_dir())]
        for f in folders:
            self.assertEqual(stat.S_IMODE(f.stat().st_mode), 0o700, str(f))

    def test_the_daemon_knows_nothing_of_the_authoritys_folder(self):
        text = self.p.config.read_text()
        self.assertNotIn("authority/", text)
        self.assertNotIn("..", text)
        self.assertNotIn("authority.key", text)
        for f in self.p.broker.rglob("*"):
            self.assertNotIn("authority.key", f.name)
        key = (self.p.authority / "authority.key").read_bytes()
        for f in self.p.broker.rglob("*"):
            if f.is_file():
                self.assertNotIn(key.splitlines()[1], f.read_bytes(), str(f))
        self.assertNotIn(self.p.broker, self.p.authority.parents)

    def test_it_serves_without_the_authoritys_folder(self):
        away = self.p.folder.parent / "authority-away"
        self.p.authority.rename(away)
        self.p.start()
        self.p.good("oakfield", "check", "connect")
        self.assertEqual(self.p.stop(), 0)
        away.rename(self.p.authority)

    def test_what_is_made_is_told_as_json(self):
        folder = self.p.folder.parent / "as-json"
        done = harness.run(
            [BIN / "cairn", "-o", "json", "init", folder, "--partnership", "northshire.example"]
        )
        self.assertEqual(done.code, 0, done)
        for place in ("config", "authority", "context"):
            self.assertTrue(os.path.exists(done.json()[place]), place)
        again = harness.run(
            [BIN / "cairn", "-o", "json", "init", folder, "--partnership", "northshire.example"]
        )
        self.assertEqual(again.code, 65, again)
        self.assertIn("not empty", json.loads(again.err)["where"])
        shutil.rmtree(folder)


if __name__ == "__main__":
    harness.main()
