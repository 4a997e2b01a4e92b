"""An agency joins: invitation, request, two approvals, the authority, the run, live; and everything
that is refused on the way. What it may do before it is live: test_enrolment_testing.py."""

import base64
import hashlib
import json
import re
import shutil
import subprocess

import harness
import samples
from certificates import Forge, fingerprint, openssl
from enrolment import FORD_DSL, Enrolment
from harness import BIN
from samples import DSL


class from_invitation_to_live(Enrolment):
    """The way as it is meant."""

    def test_an_agency_enrols_is_approved_by_two_and_goes_live(self):
        file = self.invite()
        self.assertEqual(file.stat().st_mode & 0o777, 0o600)
        asked = self.enrol(file)
        key = self.p.folder / "ford" / "client.key"
        self.assertEqual(key.stat().st_mode & 0o777, 0o600)
        told = self.told(asked)
        listed = self.p.good("admin", "approve").out
        self.assertIn(told, listed)
        self.assertIn("second administrator", self.approve("admin", told).out)
        self.assertIn("1 of 2", self.enrol(file).out)
        self.assertIn("--authority", self.approve("ben", told.replace(" ", "-")).out)
        self.assertEqual([a["admin"] for a in self.row()["approvals"]], ["admin", "ben"])
        self.approve("ben", told, "--authority", self.p.authority)
        # The key never left: what was signed is of it.
        self.assertIn("conform", self.enrol(file, code=0).out)
        shown = openssl("x509", "-in", self.p.folder / "ford" / "client.pem", "-noout", "-ext",
                        "subjectAltName")
        self.assertIn("URI:spiffe://northshire.example/agency/ford", shown)
        out = self.conform().out
        for step in ("submit", "repeat", "other_body", "receive", "confirm", "acknowledge",
                     "wrong_desk", "bad_body", "wrong_kind", "return", "revocation"):
            self.assertRegex(out, rf"pass\s+{step}\b")
        self.assertIn("ford is live", out)
        self.assertEqual(self.row()["step"], "ENROLMENT_STEP_LIVE")
        # Now it is an agency like any other.
        self.p.cairn("oakfield", "inbox", DSL)
        sent = self.p.curl("oakfield", "/cairn.v1.Exchange/Submit", json.dumps(
            {"key": "to-ford-0001", "concern": samples.small([FORD_DSL])}
        ).encode())
        self.accepted(sent)
        self.assertIn("notification", self.p.good("ford", "inbox", FORD_DSL).out)
        # Who asks again is told so, and nothing of the way in comes back.
        self.assertIn("live", self.enrol(file, code=65).err)
        for gone in ("invite", "probe"):
            self.assertFalse((self.p.folder / "ford" / gone).exists(), gone)
        self.assert_conserved()

    def test_the_broker_may_stop_between_any_two_steps(self):
        file = self.invite()
        self.restart()
        told = self.told(self.enrol(file))
        self.restart()
        self.approve("admin", told)
        self.restart()
        self.assertEqual(self.approve("admin", told, code=65).code, 65)
        self.approve("ben", told)
        self.restart()
        self.approve("admin", told, "--authority", self.p.authority)
        self.restart()
        self.enrol(file, code=0)
        self.restart()
        self.assertIn("ford is live", self.conform().out)
        self.restart()
        self.assertEqual(self.row()["step"], "ENROLMENT_STEP_LIVE")
        self.p.stop()
        checked = harness.run([BIN / "cairnd", "--config", self.p.config, "--verify"])
        self.assertEqual(checked.code, 0, checked)


class what_is_refused(Enrolment):
    """Every refusal reaches whom it concerns, with its reason."""

    def test_a_stolen_invitation_is_used_once_and_shows(self):
        file = self.invite()
        thief = self.told(self.enrol(file, "thief"))
        late = self.enrol(file, "ford", code=65)
        self.assertIn("used before", late.err)
        self.assertIn("stolen", late.err)
        # What the agency reads out is not what the broker has.
        requests = [(self.p.folder / "ford" / x).read_text()
                    for x in ("client.csr", "probe/client.csr")]
        wrong = self.fingerprint_of(*requests)
        self.assertNotEqual(wrong, thief)
        refused = self.approve("admin", wrong, code=65)
        self.assertIn("Approve nothing", refused.err)
        self.assertFalse(self.row().get("approvals"))
        self.p.good("admin", "approve", "ford-1", "--refuse", "--because", "the file was stolen")
        told = self.enrol(file, "thief", code=77)
        self.assertIn("the file was stolen", told.err)
        # And the agency is invited anew.
        self.assertIn("REQUESTED", self.row_after_again()["step"])

    @staticmethod
    def fingerprint_of(*requests):
        """Computed apart from our own code."""
        keys = b""
        for request in requests:
            public = openssl("req", "-noout", "-pubkey", stdin=request.encode())
            body = "".join(x for x in public.splitlines() if not x.startswith("-"))
            keys += base64.b64decode(body)
        digits = hashlib.sha256(keys).hexdigest()[:32]
        return " ".join(digits[i:i + 4] for i in range(0, 32, 4))

    def row_after_again(self):
        again = self.invite(out="again.invitation")
        shutil.rmtree(self.p.folder / "ford")
        self.enrol(again)
        return self.row("ford-2")

    def test_the_words_of_a_refusal_reach_the_applicant_from_every_step(self):
        def to_requested(file, folder):
            return self.told(self.enrol(file, folder))

        def to_one_approval(file, folder, ident):
            told = to_requested(file, folder)
            self.approve("admin", told, ident=ident)
            return told

        def to_approved(file, folder, ident):
            told = to_one_approval(file, folder, ident)
            self.approve("ben", told, ident=ident)
            return told

        def to_testing(file, folder, ident):
            told = to_approved(file, folder, ident)
            self.approve("admin", told, "--authority", self.p.authority, ident=ident)
            self.enrol(file, folder, code=0)

        steps = (
            ("INVITED", lambda *_: None), ("REQUESTED", lambda f, d, _: to_requested(f, d)),
            ("REQUESTED", to_one_approval), ("APPROVED", to_approved), ("TESTING", to_testing),
        )
        for n, (step, go) in enumerate(steps, 1):
            ident, folder = f"ford-{n}", f"ford{n}"
            with self.subTest(step, n=n):
                file = self.invite(out=f"{n}.invitation")
                go(file, folder, ident)
                self.assertEqual(self.row(ident)["step"], f"ENROLMENT_STEP_{step}")
                why = f"nobody at this number, {n}"
                self.p.good("admin", "approve", ident, "--refuse", "--because", why)
                done = self.enrol(file, folder, code=77)
                self.assertIn("The administrator refused this", done.err)
                self.assertIn(why, done.err)
                self.assertIn("next:", done.err)

    def test_who_waits_is_told_the_refusal(self):
        file = self.invite()
        waiting = subprocess.Popen(
            [BIN / "cairn", "enrol", file, self.p.folder / "ford", "--wait", "--every", "1"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        self.addCleanup(waiting.kill)
        harness.poll("the request", lambda: self.row()["step"] == "ENROLMENT_STEP_REQUESTED")
        self.p.good("admin", "approve", "ford-1", "--refuse", "--because", "not our school")
        _, err = waiting.communicate(timeout=harness.PATIENCE_S)
        self.assertEqual(waiting.returncode, 77, err)
        self.assertIn("not our school", err)

    def ended_long_ago(self):
        """Certificate, key and authority of such an invitation, as the registry has it: no clock is turned."""
        forge = Forge(self.p, self.p.folder / "forge")
        files = forge.make([forge.uri("invite/late-1")])
        pin = fingerprint(files[0])
        answer = self.p.curl("admin", "/cairn.v1.Admin/Apply", json.dumps({"changes": [
            {"agency": {"id": "late", "name": "Late School", "kind": "AGENCY_KIND_SCHOOL",
                        "stage": "AGENCY_STAGE_INVITED"}},
            {"desk": {"id": "late/dsl"}},
            {"certificate": {"sha256": pin, "uri": "spiffe://northshire.example/invite/late-1",
                             "notAfterUs": "2000000000000000"}},
            {"enrolment": {"id": "late-1", "agency": "late", "desks": ["late/dsl"],
                           "kinds": ["CONCERN_KIND_NOTIFICATION", "CONCERN_KIND_ACKNOWLEDGEMENT"],
                           "purposes": ["PURPOSE_CIN17"], "untilUs": "1767225600000000",
                           "step": "ENROLMENT_STEP_INVITED", "invitationSha256": pin}},
        ]}).encode())
        self.assertEqual(answer.status, 200, str(answer))
        return files

    def test_an_invitation_ends_with_its_time(self):
        self.invite("--for", "0h", code=64, out="never.invitation")
        self.assertFalse((self.p.folder / "never.invitation").exists())
        files = self.ended_long_ago()
        body = json.dumps({"requestPem": self.ask(), "probeRequestPem": self.ask()}).encode()
        answer = self.p.curl(None, "/cairn.v1.Enrol/Request", body, files=files)
        self.refused(answer, 400, "invitation_expired")
        # It still reads where it stands.
        state = self.p.curl(None, "/cairn.v1.Enrol/State", b"{}", files=files).json()
        self.assertEqual(state["enrolment"]["id"], "late-1")

    def test_whoever_comes_late_is_told_so_in_words(self):
        certificate, key, _ = self.ended_long_ago()
        text = self.invite().read_text().replace('"ford-1"', '"late-1"').replace('"ford"', '"late"')
        for name, file in (("certificate", certificate), ("key", key)):
            text, count = re.subn(rf"(?s)^{name} = '''\n.*?'''", f"{name} = '''\n{file.read_text()}'''",
                                  text, count=1, flags=re.M)
            self.assertEqual(count, 1, name)
        late = self.p.folder / "late.invitation"
        late.write_text(text)
        late.chmod(0o600)
        done = self.enrol(late, "late", code=65)
        self.assertIn("The invitation has expired", done.err)
        self.assertIn("next: Ask the administrator for a new one", done.err)
        self.assertFalse((self.p.folder / "late" / "client.pem").exists())

    def test_the_same_administrator_does_not_approve_twice(self):
        told = self.told(self.enrol(self.invite()))
        self.approve("admin", told)
        again = self.approve("admin", told, code=65)
        self.assertIn("second administrator", again.err)
        # A second certificate of hers is no second person.
        self.p.enrol("admin/admin", "admin-too")
        again = self.approve("admin-too", told, code=65)
        self.assertIn("second administrator", again.err)
        signed = self.approve("admin", told, "--authority", self.p.authority, code=65)
        self.assertIn("second administrator", signed.err)
        self.assertEqual(self.row()["step"], "ENROLMENT_STEP_REQUESTED")

    def test_an_invitation_calls_nothing_but_its_own_two(self):
        self.enrol(self.invite())
        self.assertEqual(self.guest("/cairn.v1.Enrol/State").status, 200)
        for path in (
            "/cairn.v1.Exchange/Submit", "/cairn.v1.Exchange/Fetch", "/cairn.v1.Exchange/Track",
            "/cairn.v1.Exchange/ListDesks", "/cairn.v1.Exchange/Preview",
            "/cairn.v1.Admin/ListRegistry", "/cairn.v1.Admin/Apply", "/cairn.v1.Admin/Approve",
            "/cairn.v1.Admin/Deliver", "/cairn.v1.Audit/Search", "/cairn.v1.Enrol/Report",
            "/cairn.v1.Enrol/Renew", "/cairn.v1.Enrol/Retire",
        ):
            with self.subTest(path):
                answer = self.guest(path)
                self.assertIn(answer.status, (400, 403), str(answer))
                if answer.status == 403:
                    self.assertEqual(answer.symbol(), "operation_not_allowed", str(answer))
        page = self.guest("/metrics", body=None)
        self.assertNotEqual(page.status, 200)

    def ask(self, *arguments, key=("ec", "ec_paramgen_curve:P-256")):
        """A request by openssl with these extensions."""
        stem = self.p.folder / f"odd{len(list(self.p.folder.glob('odd*.csr')))}"
        extensions = [x for a in arguments for x in ("-addext", a)]
        openssl("req", "-new", "-newkey", key[0], "-pkeyopt", key[1], "-nodes", "-keyout",
                stem.with_suffix(".key"), "-out", stem.with_suffix(".csr"), "-subj", "/CN=ford",
                *extensions)
        return stem.with_suffix(".csr").read_text()

    def test_adversarial_requests_are_refused_with_their_reason(self):
        file = self.invite()
        self.open_guest(file)
        good = self.ask()
        name = "subjectAltName=URI:spiffe://northshire.example"
        torn = good.replace(good.splitlines()[3], good.splitlines()[3][::-1])
        cases = {
            "another name": self.ask(f"{name}/admin/ops"),
            "another kind of name": self.ask("subjectAltName=DNS:broker.example"),
            "an authority": self.ask("basicConstraints=critical,CA:TRUE"),
            "weak": self.ask(key=("rsa", "rsa_keygen_bits:1024")),
            "torn": torn,
            "huge": good + "A" * 20000,
            "empty": "",
            "noise": "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n",
        }
        for what, request in cases.items():
            for first, second in ((request, good), (good, request)):
                with self.subTest(what):
                    answer = self.request(first, second)
                    self.assertIn(answer.status, (400, 413, 429), str(answer))
                    self.assertIn(
                        answer.symbol(), ("request_invalid", "too_large", "required"), str(answer)
                    )
                    self.assertIn("request_pem", answer.json()["message"])
        self.refused(self.request(good, good), 400, "request_invalid")
        self.assertEqual(self.row()["step"], "ENROLMENT_STEP_INVITED")
        self.assertEqual(self.request(good, self.ask()).status, 200)

    def open_guest(self, file):
        """The invitation's certificate as `cairn enrol` lays it out, without asking."""
        text = file.read_text()
        folder = self.p.folder / "ford" / "invite"
        folder.mkdir(parents=True, exist_ok=True)
        for key, name in (("certificate", "client.pem"), ("key", "client.key"),
                          ("authority", "authority.pem")):
            body = re.search(rf"^{key} = '''\n(.*?)'''", text, re.S | re.M).group(1)
            (folder / name).write_text(body)
        (folder / "client.key").chmod(0o600)

    def request(self, first, second):
        return self.guest("/cairn.v1.Enrol/Request", json.dumps(
            {"requestPem": first, "probeRequestPem": second}
        ).encode())

    def test_what_the_authority_did_not_sign_for_it_is_not_delivered(self):
        told = self.told(self.enrol(self.invite()))
        self.approve("admin", told)
        self.approve("ben", told)
        other = (self.p.folder / "oakfield" / "client.pem").read_text()
        answer = self.p.curl("admin", "/cairn.v1.Admin/Deliver", json.dumps(
            {"enrolment": "ford-1", "certificatePem": other, "probePem": other}
        ).encode())
        self.refused(answer, 400, "rights_differ")
        # Nor can an administrator alone write the row or the pin.
        state = self.p.good("admin", "-o", "json", "approve").json()
        row = dict(self.row(), step="ENROLMENT_STEP_TESTING")
        answer = self.p.curl("admin", "/cairn.v1.Admin/Apply", json.dumps(
            {"changes": [{"enrolment": row}]}
        ).encode())
        self.refused(answer, 400, "enrolment_step")
        agency = next(a for a in state["agencies"] if a["id"] == "ford")
        agency["stage"] = "AGENCY_STAGE_LIVE"
        answer = self.p.curl("admin", "/cairn.v1.Admin/Apply", json.dumps(
            {"changes": [{"agency": agency}]}
        ).encode())
        self.refused(answer, 400, "bad_value")
        by_hand = self.p.cairn("admin", "cert", "issue", "agency/ford", "--make",
                               self.p.folder / "by-hand", "--desk", FORD_DSL)
        self.assertEqual(by_hand.code, 77, by_hand)


if __name__ == "__main__":
    harness.main()
