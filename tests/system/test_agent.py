"""The agent inside an agency, with a real broker: what its people see when something is wrong, what
is taken back, what its own systems are told and tell."""

import http.server
import json
import os
import signal
import socket
import subprocess
import threading
import time
import unittest

import harness
import samples
from harness import submission
from relay import Relay
from samples import MASH

SUBMIT = "/cairn.v1.Exchange/Submit"
ALWAYS = "@timestamp", "log.level", "event.action", "message"
LEVELS = "info", "warning", "error", "critical"


class Hook(http.server.BaseHTTPRequestHandler):
    """The agency's own system: refuses the first event, takes the others."""

    def do_POST(self):  # noqa: N802
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.seen.append((self.headers["Content-Type"], json.loads(body)))
        self.send_response(503 if len(self.server.seen) == 1 else 204)
        self.end_headers()

    def log_message(self, *_):
        pass


class agents(harness.SystemTest):
    own_broker = True

    def setUp(self):
        super().setUp()
        self.running = []
        self.addCleanup(self.end_agents)

    def folder(self, who):
        return self.p.folder / who / "agent"

    def agent(self, who, desks, more="", **extra):
        process = self.p.start_agent(who, desks, more=more, **extra)
        self.running.append(process)
        return process

    def end_agents(self):
        for process in self.running:
            if process.poll() is None:
                process.kill()
            process.wait()
        self.check_logs()

    def check_logs(self):
        """Whatever a test was about: its agents wrote lines of docs/formats/log.md, nothing personal."""
        for file in self.p.folder.glob("*/agent.log"):
            text = file.read_text()
            for canary in ("Tamsin", "Oakley", ".json", "oak-1", "p-1"):
                self.assertNotIn(canary, text, file)
            for line in (x for x in text.splitlines() if x.startswith("{")):
                told = json.loads(line)
                self.assertEqual(list(told)[:4], list(ALWAYS), line)
                self.assertRegex(told["@timestamp"], r"^[0-9-]{10}T[0-9:]{8}\.[0-9]{3}Z$")
                self.assertIn(told["log.level"], LEVELS, line)
                self.assertRegex(told["event.action"], r"^[a-z_]+$")
                self.assertTrue(told["message"], line)
                self.assertEqual(told["service.name"], "cairn-agent")

    def stop(self, process):
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(timeout=harness.PATIENCE_S), 0)

    def drop(self, who, name, concern):
        outbox = self.folder(who) / "outbox"
        outbox.mkdir(parents=True, mode=0o700, exist_ok=True)
        draft = outbox / f".{name}"
        draft.write_text(concern if isinstance(concern, str) else json.dumps(concern))
        draft.rename(outbox / name)

    def status(self, who):
        try:
            return json.loads((self.folder(who) / "status.json").read_text())
        except FileNotFoundError:
            return {"problems": [], "broker": {}, "outgoing": {}, "incoming": {}}

    def problem(self, who, name):
        return harness.poll(
            f"problem {name} in status.json",
            lambda: [p for p in self.status(who)["problems"] if p["id"] == name],
        )[0]

    def no_problem(self, who):
        harness.poll("no problem", lambda: self.status(who).get("state") == "good")

    def send(self, key, **more):
        return self.accepted(
            self.p.curl("oakfield", SUBMIT, submission(key, samples.small([MASH], **more)))
        )

    def inbox(self, who="northshire-police"):
        return sorted(f.name for f in (self.folder(who) / "inbox").glob("*.json"))

    def received(self, count, who="northshire-police"):
        harness.poll(f"{count} notices", lambda: len(self.inbox(who)) == count)

    # -- a broker that is away, a status that says so

    def test_an_agent_says_how_it_stands_while_the_broker_is_away_and_after(self):
        self.assertEqual(self.p.stop(), 0)
        self.drop("oakfield", "a.json", samples.small([MASH]))
        process = self.agent("oakfield", [samples.DSL])
        self.assertIn("nothing listens there", self.problem("oakfield", "broker")["where"])
        page = (self.folder("oakfield") / "status.html").read_text()
        self.assertIn("In an emergency ring", page)
        told = harness.run(
            [harness.BIN / "cairn-agent", "status", "--config",
             self.p.folder / "oakfield" / "agent.toml"])
        self.assertEqual(told.code, 1, told)
        self.assertIn("Not connected to the broker", told.out)
        self.stop(process)
        self.p.start()
        self.agent("oakfield", [samples.DSL])
        harness.poll("the receipt", lambda: list((self.folder("oakfield") / "sent").glob("*.json")))
        self.no_problem("oakfield")

    # -- the proxy

    def test_a_proxy_that_cuts_loses_and_doubles_nothing(self):
        relay = Relay(self.p.port, [1, 500, 2500, 4000, 5200, 9000])
        self.addCleanup(relay.close)
        for i in range(5):
            self.drop("oakfield", f"{i}.json", json.dumps(samples.small([MASH])) + " " * i)
        config = f'[broker]\nproxy = "http://127.0.0.1:{relay.port}"\n'
        # AGENT begins with the same section: one more key there.
        self.agent("oakfield", [samples.DSL], proxy=config)
        harness.poll(
            "five receipts", lambda: len(list((self.folder("oakfield") / "sent").glob("*.json"))) == 5)
        self.assertEqual(relay.cuts, [])
        self.assertTrue(all(h.startswith(f"CONNECT 127.0.0.1:{self.p.port} ") for h in relay.asked))
        self.assertEqual(self.p.desk_counts(MASH)["routed"], 5)

    # -- recall

    def test_a_recall_is_obeyed_before_it_is_confirmed(self):
        self.agent("northshire-police", [MASH])
        sent = self.send("agent-recall-1")
        self.received(1)
        # A recall takes back what is not confirmed yet: that is another story.
        harness.poll("the confirm", lambda: self.p.desk_counts(MASH)["confirmed"] == 1)
        (first,) = self.inbox()
        recall = {
            "purpose": "PURPOSE_S47", "bases": ["LAWFUL_BASIS_6C"],
            "acting": {"role": "dsl", "staffId": "oak-1"}, "thread": sent["thread"],
            "inReplyTo": sent["concernId"], "recall": {"reason": "wrong child"},
        }
        self.accepted(self.p.curl("oakfield", SUBMIT, submission("agent-recall-2", recall)))
        harness.poll("the confirm of the recall", lambda: self.p.desk_counts(MASH)["confirmed"] == 2)
        self.assertNotIn(first, self.inbox())
        left = self.folder("northshire-police") / "recalled"
        remains = json.loads((left / first).read_text())
        self.assertEqual(remains["concernId"], sent["concernId"])
        self.assertEqual(remains["why"], "recalled")
        page = (left / first).with_suffix(".html").read_text()
        for hidden in ("Tamsin", "Oakley", "wrong child"):
            self.assertNotIn(hidden, page + json.dumps(remains))
        self.assert_conserved()

    # -- replies

    def test_what_the_own_system_writes_acknowledges_and_decides_once(self):
        file = self.p.folder / "northshire-police" / "replies.csv"
        more = ('[replies]\nfile = "replies.csv"\nacknowledged = ["read"]\nnfa = ["closed"]\n'
                '[defaults]\nrole = "duty sergeant"\nstaff_id = "p-1"\n')
        process = self.agent("northshire-police", [MASH], more=more)
        sent = self.send("agent-reply-1")
        self.received(1)
        row = sent["concernId"]
        file.write_text(f"reference,status,text\n{row},read,\n")

        def desk():
            track = self.p.good("oakfield", "-o", "json", "track", row).json()
            return track["desks"][0]

        harness.poll("the acknowledgement", lambda: desk().get("acknowledgedAtUs"))
        file.write_text(f"reference,status,text\n{row},read,\n{row},closed,known to us\nx,read,\n")
        problem = self.problem("northshire-police", "replies")
        self.assertIn("line 4", problem["where"])
        harness.poll("the outcome at the school",
                     lambda: self.p.desk_counts("oakfield/dsl")["routed"] == 2)
        self.stop(process)
        file.write_text(f"reference,status,text\n{row},closed,known to us\n{row},read,\n")
        self.agent("northshire-police", [MASH], more=more)
        self.no_problem("northshire-police")
        self.assertEqual(self.p.desk_counts("oakfield/dsl")["routed"], 2)

    # -- hooks

    def test_an_address_is_told_of_each_notice_until_it_takes_it(self):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hook)
        server.seen = []
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        more = f'[hook]\nurl = "http://127.0.0.1:{server.server_port}/events"\n'
        self.agent("northshire-police", [MASH], more=more)
        sent = [self.send(f"agent-hook-{i}")["concernId"] for i in range(3)]
        harness.poll("every event", lambda: {b["subject"] for _, b in server.seen} == set(sent))
        # The refused one comes again under its id, and nothing is told of the notice itself.
        harness.poll("the repeat", lambda: len(server.seen) == 4)
        self.assertEqual(server.seen[0][1]["id"], server.seen[3][1]["id"])
        for kind, body in server.seen:
            self.assertTrue(kind.startswith("application/cloudevents+json"), kind)
            self.assertEqual(body["specversion"], "1.0")
            self.assertEqual(set(body["data"]), {"desk", "position", "concernId"})
            self.assertNotIn("Tamsin", json.dumps(body))
        self.no_problem("northshire-police")

    def test_a_command_that_hangs_is_killed_and_told_of_and_holds_up_nothing(self):
        done = self.p.folder / "northshire-police" / "told"
        script = self.p.folder / "northshire-police" / "hook.sh"
        script.write_text(f"#!/bin/sh\n[ -e {done} ] || exec tail -f /dev/null\n"
                          f"echo $CAIRN_CONCERN >> {done}\n")
        script.chmod(0o700)
        more = f'[hook]\ncommand = ["{script}"]\nlimit_s = 1\nat_once = 1\n'
        process = self.agent("northshire-police", [MASH], more=more)
        sent = [self.send(f"agent-command-{i}")["concernId"] for i in range(2)]
        self.assertIn("killed", self.problem("northshire-police", "hook")["where"])
        harness.poll("both confirmed", lambda: self.p.desk_counts(MASH)["confirmed"] == 2)
        process.kill()
        process.wait()
        done.touch()
        self.agent("northshire-police", [MASH], more=more)
        harness.poll("both told after a kill", lambda: set(done.read_text().split()) == set(sent))

    # -- files and folders

    def test_the_same_file_twice_is_one_concern_and_an_answer(self):
        self.agent("oakfield", [samples.DSL])
        concern = samples.small([MASH])
        self.drop("oakfield", "a.json", concern)
        sent = self.folder("oakfield") / "sent"
        harness.poll("the receipt", lambda: list(sent.glob("*.tlog-proof")))
        self.drop("oakfield", "b.json", concern)
        harness.poll("the answer", lambda: list(sent.glob("*.duplicate.txt")))
        self.assertEqual(self.p.desk_counts(MASH)["routed"], 1)
        self.assertEqual(list((self.folder("oakfield") / "outbox").iterdir()), [])

    @unittest.skipUnless(os.geteuid() == 0, "another user needs root to be taken")
    def test_a_folder_without_permission_is_a_problem_and_no_end(self):
        nobody = 65534
        where = self.p.folder / "oakfield"
        outbox = self.folder("oakfield") / "outbox"
        for path in (self.p.folder.parent, self.p.folder):
            path.chmod(0o755)
        self.drop("oakfield", "a.json", samples.small([MASH]))
        for path in (where, *where.rglob("*")):
            os.chown(path, nobody, nobody)
        os.chown(outbox, nobody, nobody)
        process = self.agent("oakfield", [samples.DSL], user=nobody)
        harness.poll("the receipt", lambda: list((self.folder("oakfield") / "sent").glob("*.json")))
        os.chown(outbox, 0, 0)
        outbox.chmod(0o700)
        self.assertEqual(self.problem("oakfield", "outbox")["symbol"], "file_unreadable")
        self.assertIsNone(process.poll())
        os.chown(outbox, nobody, nobody)
        self.no_problem("oakfield")

    @harness.needs_mounting
    @unittest.skipUnless(os.geteuid() == 0, "a small file system needs root to be mounted")
    def test_a_full_disk_loses_nothing_and_says_so(self):
        where = self.folder("oakfield")
        where.mkdir(mode=0o700)
        done = harness.run(["mount", "-t", "tmpfs", "-o", "size=2m,mode=0700", "tmpfs", where])
        if done.code != 0:
            self.skipTest("no mounting here")
        self.addCleanup(subprocess.run, ["umount", "-l", where], check=False)
        process = self.agent("oakfield", [samples.DSL])
        harness.poll("its status", lambda: self.status("oakfield").get("state") == "good")
        self.drop("oakfield", ".tmp", samples.small([MASH]))
        ballast = where / "ballast"
        with open(ballast, "wb", buffering=0) as out:
            try:
                while out.write(b"x" * 4096):
                    pass
            except OSError:
                pass
        (where / "outbox" / ".tmp").rename(where / "outbox" / "a.json")
        log = self.p.folder / "oakfield" / "agent.log"
        harness.poll("the problem in the log", lambda: "storage_full" in log.read_text())
        self.assertIsNone(process.poll())
        ballast.unlink()
        harness.poll("the receipt", lambda: list((where / "sent").glob("*.tlog-proof")))
        self.no_problem("oakfield")
        self.assertEqual(self.p.desk_counts(MASH)["routed"], 1)

    def test_old_files_go_by_the_days_of_agent_toml_and_young_ones_stay(self):
        folder = self.folder("oakfield")
        for name, days in (("inbox/1.json", 3), ("inbox/2.json", 1), ("sent/3.json", 300),
                           ("rejected/4/file.json", 40)):
            file = folder / name
            file.parent.mkdir(parents=True, mode=0o700, exist_ok=True)
            file.write_text("{}")
            then = time.time() - days * 86_400
            os.utime(file, (then, then))
        more = "[keep]\ninbox_days = 2\nrejected_days = 0\n"
        self.agent("oakfield", [samples.DSL], more=more)
        log = self.p.folder / "oakfield" / "agent.log"
        harness.poll("the log's word on it", lambda: "deleted 1" in log.read_text())
        self.assertEqual(self.inbox("oakfield"), ["2.json"])
        self.assertTrue((folder / "sent" / "3.json").exists())
        self.assertTrue((folder / "rejected" / "4" / "file.json").exists())

    # -- the configuration

    def test_each_profile_s_example_is_good_as_it_is(self):
        where = self.p.folder / "oakfield"
        token = where / "hook.token"
        token.write_text("example")
        token.chmod(0o600)
        examples = sorted((harness.ROOT / "deploy" / "agents").glob("*.toml"))
        self.assertEqual([e.stem for e in examples], ["health", "police", "school", "social_care"])
        for example in examples:
            config = where / example.name
            config.write_text(example.read_text())
            check = [harness.BIN / "cairn-agent", "--check", "--config", config]
            done = harness.run(check)
            self.assertEqual((done.code, done.err), (0, ""), done)
            config.write_text(example.read_text() + "[no_such]\n")
            self.assertEqual(harness.run(check).code, 78)
            self.assertTrue((harness.ROOT / "docs" / "agents" / f"{example.stem}.md").exists())

    def test_a_start_that_fails_is_told_in_json_and_in_words(self):
        process = self.agent("oakfield", [samples.DSL], more="[no_such]\n")
        self.assertEqual(process.wait(timeout=harness.PATIENCE_S), 78)
        line, *words = (self.p.folder / "oakfield" / "agent.log").read_text().splitlines()
        told = json.loads(line)
        self.assertEqual((told["event.action"], told["log.level"]), ("not_started", "critical"))
        self.assertIn("config_unknown_key", told["message"])
        self.assertIn("no_such", "".join(words))

    # -- the service

    def test_new_certificate_files_are_taken_on_a_signal_and_bad_ones_are_not(self):
        process = self.agent("oakfield", [samples.DSL])
        harness.poll("its status", lambda: self.status("oakfield").get("state") == "good")
        certificate = self.p.folder / "oakfield" / "client.pem"
        good = certificate.read_bytes()
        certificate.unlink()
        process.send_signal(signal.SIGHUP)
        self.assertEqual(self.problem("oakfield", "tls_files")["symbol"], "file_unreadable")
        self.assertTrue(self.status("oakfield")["broker"]["connected"])
        certificate.write_bytes(good)
        process.send_signal(signal.SIGHUP)
        log = self.p.folder / "oakfield" / "agent.log"
        harness.poll("a second connection", lambda: log.read_text().count('"connected"') >= 2)
        self.no_problem("oakfield")

    def test_systemd_and_the_broker_see_that_it_is_alive(self):
        path = self.p.folder / "notify"
        listening = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        listening.settimeout(harness.PATIENCE_S)
        listening.bind(str(path))
        self.addCleanup(listening.close)
        self.agent("northshire-police", [MASH],
                   environment={"NOTIFY_SOCKET": str(path), "WATCHDOG_USEC": "200000"})
        first = listening.recv(4096).decode()
        self.assertIn("READY=1", first)
        heard = first
        while heard.count("WATCHDOG=1") < 3 or "STATUS=Connected" not in heard:
            heard += listening.recv(4096).decode()

        def connected():
            rows = {r["desk"]: r for r in self.p.status().get("desks", [])}
            return rows.get(MASH, {}).get("connected")

        self.send("agent-alive-1")
        harness.poll("the broker to see the desk", connected)


if __name__ == "__main__":
    harness.main()
