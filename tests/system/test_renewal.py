"""A certificate's renewal: same name, same rights, signed where the authority is, on the word of the
old key."""

import base64
import datetime
import json
import shutil

import harness
import samples
from certificates import Forge, fingerprint, openssl
from samples import DSL

NOW = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)


class renewal(harness.SystemTest):
    own_broker = True

    def old(self):
        """A certificate of oakfield's in the second half of its life, in a context of its own."""
        forge = Forge(self.p, self.p.folder / "forge")
        start, end = (NOW + datetime.timedelta(days=d) for d in (-300, 65))
        certificate, key, authority = forge.make(
            [forge.uri()], start=f"{start:%Y%m%d%H%M%SZ}", end=f"{end:%Y%m%d%H%M%SZ}"
        )
        folder = self.p.folder / "oak-old"
        folder.mkdir()
        for source, name in ((certificate, "client.pem"), (key, "client.key"),
                             (authority, "authority.pem"), (self.p.vkeys, "vkeys")):
            shutil.copy(source, folder / name)
        (folder / "client.key").chmod(0o600)
        context = (self.p.folder / "oakfield" / "context.toml").read_text()
        (folder / "context.toml").write_text(context)
        pin = fingerprint(certificate)
        shutil.copy(certificate, self.p.authority / "issued" / f"{pin}.pem")
        row = {
            "sha256": pin, "uri": "spiffe://northshire.example/agency/oakfield",
            "agency": "oakfield", "desks": [DSL], "kinds": ["CONCERN_KIND_NOTIFICATION"],
            "purposes": ["PURPOSE_S47"], "notBeforeUs": f"{start.timestamp():.0f}000000",
            "notAfterUs": f"{end.timestamp():.0f}000000",
        }
        answer = self.p.curl("admin", "/cairn.v1.Admin/Apply", json.dumps(
            {"changes": [{"certificate": row}]}
        ).encode())
        self.assertEqual(answer.status, 200, str(answer))
        return folder, pin

    def ask(self, folder, signer=None):
        """Enrol.Renew as an agent does it, by openssl: key, request and signature."""
        key, csr = folder / "next.key", folder / "next.csr"
        if not csr.exists():
            openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                    "-nodes", "-keyout", key, "-out", csr, "-subj", "/CN=oakfield")
            key.chmod(0o600)
        text = folder / "next.txt"
        text.write_bytes(b"cairn renewal v1\n" + csr.read_bytes())
        openssl("dgst", "-sha256", "-sign", signer or folder / "client.key", "-out",
                folder / "next.sig", text)
        body = json.dumps({
            "requestPem": csr.read_text(),
            "signature": base64.b64encode((folder / "next.sig").read_bytes()).decode(),
        }).encode()
        files = folder / "client.pem", folder / "client.key", folder / "authority.pem"
        return self.p.curl(None, "/cairn.v1.Enrol/Renew", body, files=files)

    def test_a_successor_is_signed_apart_used_and_retires_its_predecessor(self):
        folder, pin = self.old()
        self.assertEqual(self.ask(folder).status, 200)
        self.assertIn("waits", self.p.good("admin", "renewals").out)
        self.assertIn("signed", self.p.good("admin", "renewals", "--authority",
                                            self.p.authority).out)
        got = self.ask(folder).json()
        new = folder / "new.pem"
        new.write_text(got["successorPem"])
        files = new, folder / "next.key", folder / "authority.pem"
        body = json.dumps({"certificateSha256": pin}).encode()
        self.assertEqual(self.p.curl(None, "/cairn.v1.Enrol/Retire", body, files=files).status, 200)
        old = folder / "client.pem", folder / "client.key", folder / "authority.pem"
        answer = self.p.curl(None, "/cairn.v1.Exchange/ListDesks", b"{}", files=old)
        self.refused(answer, 401, "certificate_revoked")
        rows = {c["sha256"]: c for c in
                self.p.good("admin", "-o", "json", "cert", "list").json()["certificates"]}
        successor = rows[fingerprint(new)]
        self.assertEqual(successor["replaces"], pin)
        for right in ("uri", "agency", "desks", "kinds", "purposes"):
            self.assertEqual(successor[right], rows[pin][right])
        # It is young: the next renewal is not due.
        again = self.p.curl(None, "/cairn.v1.Enrol/Renew", json.dumps({
            "requestPem": (folder / "next.csr").read_text(), "signature": "AAAA",
        }).encode(), files=files)
        self.refused(again, 400, "renewal_pending")

    def test_what_the_old_key_did_not_sign_is_refused_by_the_authority_and_told(self):
        folder, pin = self.old()
        # As a broker that was taken over would ask: with a key of its own.
        self.assertEqual(self.ask(folder, signer=self.p.folder / "oakfield" / "client.key").status,
                         200)
        done = self.p.cairn("admin", "renewals", "--authority", self.p.authority)
        self.assertEqual(done.code, 65, done)
        self.assertIn("signature", done.out)
        told = self.ask(folder).json()
        self.assertIn("signature", told["refusedBecause"])
        self.assertNotIn("successorPem", told)
        # And asked again with another request it is heard.
        (folder / "next.csr").unlink()
        self.assertEqual(self.ask(folder).status, 200)
        self.assertIn("signed", self.p.good("admin", "renewals", "--authority",
                                            self.p.authority).out)

    def lines(self, folder):
        text = (folder / "agent.log").read_text() if (folder / "agent.log").exists() else ""
        return [json.loads(x) for x in text.splitlines() if x.startswith("{")]

    def events(self, folder):
        return [line["event.action"] for line in self.lines(folder)]

    def agent_says(self, folder, event, count=1):
        """The agent runs until it says so, and is stopped."""
        agent = self.p.start_agent(folder.name, [DSL])
        try:
            harness.poll(f"the agent to say {event}",
                         lambda: self.events(folder).count(event) >= count)
            if event == "renewed":
                # It connects anew by itself, with the new files.
                harness.poll("the desk's stream", lambda: "cairn_desks_connected 1" in
                             self.p.daemon.page("/metrics")[1])
        finally:
            agent.terminate()
            self.assertIn(agent.wait(harness.PATIENCE_S), (0, 75))

    def test_an_agent_renews_by_itself(self):
        folder, pin = self.old()
        old = (folder / "client.pem").read_text()
        self.agent_says(folder, "renewal_waits")
        self.assertEqual((folder / "client.pem").read_text(), old)
        self.assertRegex(self.p.good("admin", "cert", "list").out, rf"{pin[:16]} +good .* asked ")
        self.assertIn("cairn_renewals_waiting 1", self.p.daemon.page("/metrics")[1])
        self.p.good("admin", "renewals", "--authority", self.p.authority)
        self.agent_says(folder, "renewed")
        self.assertNotEqual((folder / "client.pem").read_text(), old)
        self.assertEqual(
            sorted(f.name for f in folder.glob("client.*")), ["client.key", "client.pem"]
        )
        self.assertEqual((folder / "client.key").stat().st_mode & 0o777, 0o600)
        rows = {c["sha256"]: c for c in
                self.p.good("admin", "-o", "json", "cert", "list").json()["certificates"]}
        self.assertTrue(rows[pin]["revoked"])
        self.assertEqual(rows[pin]["revokedBecause"], "replaced by its successor")
        new = fingerprint(folder / "client.pem")
        self.assertEqual(rows[new]["replaces"], pin)
        self.assertEqual(self.p.cairn("oak-old", "inbox", DSL).code, 0)
        self.assertIn("Good until", self.p.good("oak-old", "renew").out)

    def test_an_agent_that_is_refused_says_why_and_goes_on_with_the_old_certificate(self):
        folder, pin = self.old()
        old = {name: (folder / name).read_bytes() for name in ("client.pem", "client.key")}
        self.agent_says(folder, "renewal_waits")
        answer = self.p.curl("admin", "/cairn.v1.Admin/Refuse", json.dumps(
            {"renewal": pin, "because": "ring us first"}
        ).encode())
        self.assertEqual(answer.status, 200, str(answer))
        agent = self.p.start_agent(folder.name, [DSL])
        try:
            harness.poll("the refusal", lambda: "renewal_refused" in self.events(folder))
            self.refusal_told(folder)
            # Nothing waits for the renewal: what is dropped goes out, by the old certificate.
            draft = folder / "agent" / "outbox" / ".a.json"
            draft.write_text(json.dumps(samples.small([samples.MASH])))
            draft.rename(draft.with_name("a.json"))
            harness.poll("the receipt", lambda: list((folder / "agent" / "sent").glob("*.json")))
        finally:
            agent.terminate()
            self.assertIn(agent.wait(harness.PATIENCE_S), (0, 75))
        self.assertEqual(old, {name: (folder / name).read_bytes() for name in old})
        self.assertFalse(self.certificate(pin).get("revoked"))
        # The reason is mended: asked anew by hand, with another key (docs/ENROLMENT.md).
        (folder / "client.key.next").unlink()
        self.agent_says(folder, "renewal_waits", count=2)
        self.p.good("admin", "renewals", "--authority", self.p.authority)
        self.agent_says(folder, "renewed")
        self.assertTrue(self.certificate(pin)["revoked"])

    def certificate(self, pin):
        rows = self.p.good("admin", "-o", "json", "cert", "list").json()["certificates"]
        (row,) = (c for c in rows if c["sha256"] == pin)
        return row

    def refusal_told(self, folder):
        """To the log once and without the administrator's words, to the agency's people with them."""
        def status():
            file = folder / "agent" / "status.json"
            now = json.loads(file.read_text()) if file.exists() else {"problems": []}
            return now["broker"]["connected"] and now if now["problems"] else None

        status = harness.poll("a status that says so, connected", status)
        told = [x for x in self.lines(folder) if x["event.action"] == "renewal_refused"]
        self.assertEqual([x["log.level"] for x in told], ["error"])
        self.assertRegex(told[0]["message"], r"^ends \d{4}-\d\d-\d\d$")
        self.assertNotIn("ring us", (folder / "agent.log").read_text())
        (problem,) = status["problems"]
        self.assertEqual((problem["id"], problem["symbol"]), ("renewal", "enrolment_refused"))
        self.assertRegex(problem["where"], r"^ring us first; ends \d{4}-\d\d-\d\d$")
        self.assertIn("Ask the administrator", problem["next"])
        self.assertEqual(status["state"], "critical")
        asked = harness.run([harness.BIN / "cairn-agent", "status", "--config", folder / "agent.toml"])
        self.assertEqual(asked.code, 2, asked)

    def test_a_system_without_an_agent_renews_by_a_command(self):
        folder, pin = self.old()
        waits = self.p.cairn("oak-old", "renew")
        self.assertEqual(waits.code, 75, waits)
        self.p.good("admin", "renewals", "--authority", self.p.authority)
        self.assertIn("Renewed", self.p.good("oak-old", "renew").out)
        self.assertEqual(self.p.cairn("oak-old", "inbox", DSL).code, 0)
        self.assertFalse((folder / "client.pem.old").exists())
        early = self.p.cairn("oak-old", "renew", "--now")
        self.assertEqual(early.code, 65, early)
        self.assertIn("half of its life", early.err)

    def test_a_revoked_certificate_asks_in_vain(self):
        folder, pin = self.old()
        self.assertEqual(self.ask(folder).status, 200)
        self.p.good("admin", "cert", "revoke", pin[:16], "--reason", "lost")
        self.assertIn("Nothing waits", self.p.good(
            "admin", "renewals", "--authority", self.p.authority
        ).out)
        self.refused(self.ask(folder), 401, "certificate_revoked")


if __name__ == "__main__":
    harness.main()
