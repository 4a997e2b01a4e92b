"""cairn cert and cairn check: certificates from request to revocation, and what monitors are told."""

import http.server
import json
import pathlib
import re
import socket
import threading

import harness
import samples
from certificates import Forge, fingerprint
from harness import BIN
from samples import DSL, FRONT_DOOR, NAMED

RIGHTS = ["--desk", DSL, "--kind", "notification", "--purpose", "s47"]


def openssl(*arguments):
    done = harness.run(["openssl", *arguments])
    assert done.code == 0, done
    return done.out


class Page:
    """A health listener that says what no healthy broker says."""

    def __init__(self, status, text):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(status if self.path == "/readyz" else 500)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *_):
                pass

        self.server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        self.at = f"127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


class Certificates(harness.SystemTest):
    def request(self, name):
        """Key and request as an agency makes them, by openssl."""
        key, csr = self.p.folder / f"{name}.key", self.p.folder / f"{name}.csr"
        openssl(
            "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-keyout", key, "-out", csr, "-subj", f"/CN={name}",
        )
        key.chmod(0o600)
        return key, csr

    def context_for(self, name, certificate, key):
        """What an agency writes for itself beside its own key."""
        path = self.p.folder / f"{name}.toml"
        path.write_text(
            f'broker = "127.0.0.1:{self.p.port}"\nname = "localhost"\n'
            f'partnership = "{self.p.name}"\ncertificate = "{certificate}"\nkey = "{key}"\n'
            f'authority = "{self.p.folder}/admin/authority.pem"\nvkeys = "{self.p.vkeys}"\n'
        )
        return path

    def run_as(self, context, *arguments):
        return harness.run([BIN / "cairn", "--context", context, *arguments])

    def listed(self):
        state = self.p.good("admin", "-o", "json", "cert", "list").json()
        return {c["sha256"]: c for c in state["certificates"]}


class from_request_to_revocation(Certificates):
    """cairn cert."""

    def test_an_agency_keeps_its_key_and_sends_a_request(self):
        key, csr = self.request("oakfield-2")
        out = self.p.folder / "oakfield-2.pem"
        done = self.p.good(
            "admin", "cert", "issue", "agency/oakfield", "--csr", csr, "--out", out, *RIGHTS
        )
        self.assertIn("pinned in the registry", done.out)
        self.assertEqual([f.name for f in out.parent.glob("oakfield-2.*")].count("oakfield-2.key"), 1)
        names = openssl("x509", "-in", out, "-noout", "-ext", "subjectAltName")
        self.assertIn("URI:spiffe://northshire.example/agency/oakfield", names)
        row = self.listed()[fingerprint(out)]
        self.assertEqual((row["agency"], row["desks"]), ("oakfield", [DSL]))
        context = self.context_for("oakfield-2", out, key)
        self.assertEqual(self.run_as(context, "inbox", DSL).code, 0)
        concern = self.p.folder / "by-request.json"
        concern.write_text(json.dumps(samples.small()))
        self.assertEqual(self.run_as(context, "send", concern).code, 0)

    def test_a_request_gets_nothing_but_what_is_listed(self):
        key, csr = self.request("oakfield-3")
        out = self.p.folder / "oakfield-3.pem"
        self.p.good("admin", "cert", "issue", "agency/oakfield", "--csr", csr, "--out", out)
        done = self.run_as(self.context_for("oakfield-3", out, key), "inbox", DSL)
        self.assertEqual(done.code, 77, done)

    def test_bad_requests_are_refused_and_pin_nothing(self):
        before = set(self.listed())
        weak, csr = self.p.folder / "weak.key", self.p.folder / "weak.csr"
        openssl(
            "req", "-new", "-newkey", "rsa:1024", "-nodes", "-keyout", weak, "-out", csr,
            "-subj", "/CN=oakfield",
        )
        noise = self.p.folder / "noise.csr"
        noise.write_text("-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n")
        out = self.p.folder / "never.pem"
        for arguments, code in (
            (["agency/oakfield", "--csr", csr], 65),
            (["agency/oakfield", "--csr", noise], 65),
            (["agency/oakfield", "--csr", self.p.folder / "none.csr"], 66),
            (["agency/Oakfield", "--make", self.p.folder / "upper"], 65),
            (["school/oakfield", "--make", self.p.folder / "kind"], 64),
            (["agency/oakfield", "--csr", csr, "--make", self.p.folder / "both"], 64),
        ):
            done = self.p.cairn("admin", "cert", "issue", *arguments, "--out", out)
            self.assertEqual(done.code, code, done)
            self.assertIn("next:", done.err)
        self.assertEqual(set(self.listed()), before)
        self.assertFalse(out.exists())

    def test_a_certificate_that_cannot_be_written_is_not_pinned(self):
        before = set(self.listed())
        _, csr = self.request("oakfield-4")
        done = self.p.cairn(
            "admin", "cert", "issue", "agency/oakfield", "--csr", csr, "--out",
            self.p.folder / "no-such-folder" / "x.pem", *RIGHTS,
        )
        self.assertEqual(done.code, 73, done)
        self.assertEqual(set(self.listed()), before)

    def test_what_could_not_be_registered_is_registered_by_the_next_run(self):
        folder = self.p.folder / "second-try"
        issue = ["cert", "issue", "agency/oakfield", "--make", folder]
        refused = self.p.cairn("admin", *issue, "--desk", "oakfield/nobody")
        self.assertEqual(refused.code, 65, refused)
        self.assertFalse((folder / "client.pem").exists())
        made = fingerprint(folder / "client.pem.pending")
        self.assertNotIn(made, self.listed())
        self.p.good("admin", *issue, *RIGHTS)
        self.assertEqual(fingerprint(folder / "client.pem"), made)
        self.assertIn(made, self.listed())
        self.assertFalse((folder / "client.pem.pending").exists())
        self.assertEqual(self.run_as(folder / "context.toml", "inbox", DSL).code, 0)
        again = self.p.cairn("admin", *issue, *RIGHTS)
        self.assertEqual(again.code, 73, "a key in use is never replaced")

    def test_a_requests_certificate_waits_for_the_next_run_too(self):
        _, csr = self.request("oakfield-5")
        out = self.p.folder / "oakfield-5.pem"
        issue = ["cert", "issue", "agency/oakfield", "--out", out]
        wrong = self.p.cairn("admin", *issue, "--csr", csr, "--desk", "oakfield/nobody")
        self.assertEqual(wrong.code, 65, wrong)
        pending = out.parent / "oakfield-5.pem.pending"
        made = fingerprint(pending)
        self.p.good("admin", *issue, "--csr", csr, *RIGHTS)
        self.assertEqual(fingerprint(out), made)
        # Another key's request never gets what is pending for this one.
        out.rename(pending)
        _, other = self.request("oakfield-6")
        self.p.good("admin", *issue, "--csr", other, *RIGHTS)
        self.assertNotEqual(fingerprint(out), made)

    def test_list_and_renew_keep_the_rights(self):
        old = fingerprint(self.p.folder / "oakfield" / "client.pem")
        shown = self.p.good("admin", "cert", "list").out
        row = (rf"(?m)^{old[:16]} +good +20\d\d-\d\d-\d\d +- +spiffe://\S+/agency/oakfield "
               r"+oakfield/dsl$")
        self.assertRegex(shown, row)
        folder = self.p.folder / "renewed"
        self.p.good("admin", "cert", "renew", old[:16], "--make", folder, "--days", "90")
        rows = self.listed()
        new = fingerprint(folder / "client.pem")
        for field in ("uri", "agency", "desks", "kinds", "purposes"):
            self.assertEqual(rows[new][field], rows[old][field])
        self.assertNotEqual(rows[new]["notAfterUs"], rows[old]["notAfterUs"])
        for context in (folder / "context.toml", self.p.context("oakfield")):
            self.assertEqual(self.run_as(context, "inbox", DSL).code, 0, "both are good")
        self.assertEqual(self.p.cairn("admin", "cert", "renew", old[:4], "--make", folder).code, 66)

    def test_a_revoked_certificate_is_refused_and_stays_revoked(self):
        self.p.enrol("agency/northshire-health", "revoked-one")
        pin = fingerprint(self.p.folder / "revoked-one" / "client.pem")
        self.assertEqual(self.p.cairn("revoked-one", "inbox", NAMED).code, 0)
        self.p.good("admin", "cert", "revoke", pin[:20], "--reason", "laptop lost")
        done = self.p.cairn("revoked-one", "inbox", NAMED)
        self.assertEqual(done.code, 77, done)
        self.assertIn("revoked", done.err)
        self.assertRegex(self.p.good("admin", "cert", "list").out, rf"(?m)^{pin[:16]} +revoked ")


class the_brokers_own(Certificates):
    """A broker's new certificate, and the list of revoked ones at its door."""

    own_broker = True

    def test_the_brokers_certificate_is_renewed(self):
        old = self.p.broker / "tls" / "server.pem"
        before, serial = set(self.listed()), fingerprint(old)
        folder = self.p.folder / "new-server"
        done = self.p.good("admin", "cert", "renew", old, "--make", folder, "--days", "30")
        self.assertIn("valid until", done.out)
        self.assertEqual(set(self.listed()), before, "a broker is pinned nowhere")
        names = ["x509", "-noout", "-ext", "subjectAltName", "-in"]
        self.assertEqual(openssl(*names, folder / "server.pem"), openssl(*names, old))
        self.assertEqual(self.p.stop(), 0)
        for f in ("server.pem", "server.key"):
            (folder / f).rename(old.parent / f)
        self.assertNotEqual(fingerprint(old), serial)
        self.p.start()
        self.p.good("oakfield", "inbox", DSL)

    def test_a_brokers_certificate_may_get_other_names(self):
        folder = self.p.folder / "named"
        issue = ["cert", "issue", "server/broker", "--make", folder]
        self.assertEqual(self.p.cairn("admin", *issue).code, 65, "a broker without a name")
        made = self.p.good(
            "admin", "-o", "json", *issue, "--dns-name", "cairn.northshire.example", "--ip", "127.0.0.1"
        ).json()
        self.assertEqual(made["file"], str(folder / "server.pem"))
        shown = openssl("x509", "-in", folder / "server.pem", "-noout", "-ext", "subjectAltName")
        self.assertIn("DNS:cairn.northshire.example", shown)
        self.assertIn("IP Address:127.0.0.1", shown)
        done = self.p.cairn("admin", "cert", "renew", self.p.folder / "oakfield" / "client.pem", "--make", folder)
        self.assertEqual(done.code, 64, done)

    def test_the_list_of_revoked_is_made_and_shuts_the_door(self):
        pin = fingerprint(self.p.folder / "oakfield" / "client.pem")
        crl = self.p.broker / "tls" / "revoked.pem"
        empty = self.p.good("admin", "-o", "json", "cert", "crl", "--out", crl).json()
        self.assertEqual((empty["revoked"], empty["notInTheList"]), (0, 0))
        self.p.good("admin", "cert", "revoke", pin, "--reason", "lost")
        done = self.p.good("admin", "cert", "crl", "--out", crl, "--days", "7")
        self.assertIn("1 revoked certificates are listed", done.out)
        authority = self.p.folder / "admin" / "authority.pem"
        check = ["openssl", "verify", "-crl_check", "-CAfile", authority, "-CRLfile", crl]
        for who, code in (("oakfield", 2), ("northshire-council", 0)):
            verified = harness.run([*check, self.p.folder / who / "client.pem"])
            self.assertEqual(verified.code, code, verified)
        self.assertEqual(self.p.stop(), 0)
        text = self.p.config.read_text().replace("[tls]\n", '[tls]\ncrl = "tls/revoked.pem"\n')
        self.p.config.write_text(text)
        self.p.start()
        refused = self.p.cairn("oakfield", "inbox", DSL)
        self.assertEqual(refused.code, 69, refused)
        self.p.good("northshire-council", "inbox", FRONT_DOOR)

    def test_a_revoked_certificate_the_authority_has_no_copy_of_is_told(self):
        pin = fingerprint(self.p.folder / "oakfield" / "client.pem")
        self.p.good("admin", "cert", "revoke", pin, "--reason", "lost")
        copy = self.p.authority / "issued" / f"{pin}.pem"
        copy.unlink()
        out = self.p.folder / "short.pem"
        told = self.p.good("admin", "-o", "json", "cert", "crl", "--out", out).json()
        self.assertEqual((told["revoked"], told["notInTheList"]), (0, 1))


class probes(Certificates):
    """cairn check, as a monitor runs it."""

    def checked(self, done, code, said):
        word = ("OK", "WARNING", "CRITICAL", "UNKNOWN")[code]
        self.assertEqual(done.code, code, done)
        self.assertTrue(done.out.startswith(word + ": "), done)
        self.assertIn(said, done.out)
        self.assertEqual(done.err, "", done)

    def health(self):
        return f"127.0.0.1:{self.p.daemon.health_port}"

    def test_a_monitor_asks_the_health_listener_without_certificate(self):
        nowhere = self.p.folder / "nowhere.toml"
        # How full the disk of whoever runs this is, is not the matter here.
        for what in (["ready"], ["disk", "--warning", "0%", "--critical", "0%"]):
            done = self.run_as(nowhere, "check", *what, "--health", self.health())
            self.checked(done, 0, "")

    def test_a_monitors_certificate_is_enough_to_ask_whether_it_answers(self):
        self.checked(self.p.cairn("monitor", "check", "ready"), 0, "answers")
        self.checked(self.p.cairn("monitor", "check", "disk"), 3, "--health")
        self.checked(self.p.cairn("monitor", "check", "connect"), 0, "accepted")

    def test_a_dead_listener_is_critical(self):
        with socket.create_server(("127.0.0.1", 0)) as s:
            port = s.getsockname()[1]
        for what in ("ready", "disk"):
            done = self.p.cairn("monitor", "check", what, "--health", f"127.0.0.1:{port}")
            self.checked(done, 2, "next:")

    def test_words_are_json_where_json_is_asked_for(self):
        done = self.p.cairn("admin", "-o", "json", "check", "ready")
        self.assertEqual(done.json(), {"state": "OK", "exit": 0, "text": "ready", "next": ""})
        done = self.p.cairn("monitor", "-o", "json", "check", "disk")
        self.assertEqual((done.code, done.json()["state"]), (3, "UNKNOWN"))
        for what in ("certs", "connect"):
            self.assertEqual(self.p.good("admin", "-o", "json", "check", what).json()["exit"], 0)

    def test_certificates_about_to_expire_are_told_in_time(self):
        for days, code in ((90, 0), (20, 1), (3, 2)):
            folder = self.p.folder / f"days-{days}"
            self.p.good("admin", "cert", "issue", "monitor/probe", "--make", folder, "--days", days)
            done = self.run_as(folder / "context.toml", "check", "certs")
            self.checked(done, code, f"certificate good for {days - 1} days")
        bad = folder / "authority.pem"
        bad.write_text("no certificate\n")
        self.checked(self.run_as(folder / "context.toml", "check", "certs"), 2, "cannot be read")
        self.checked(self.run_as(folder / "none.toml", "check", "certs"), 3, "none.toml")

    def test_connect_says_what_stands_in_between(self):
        text = self.p.context("monitor").read_text()
        spoiled = self.p.folder / "monitor" / "spoiled.toml"

        def check(pattern, put, code, said):
            spoiled.write_text(re.sub(pattern, put, text))
            self.checked(self.run_as(spoiled, "check", "connect"), code, said)

        check(r'broker = ".*"', 'broker = "127.0.0.1:1"', 2, "refused")
        check(r'name = "localhost"', 'name = "elsewhere.example"', 2, "next:")
        check(r'broker = ".*"', 'broker = "127.0.0.1"', 3, "host:port")
        forge = Forge(self.p, self.p.folder / "forge")
        certificate, _ = forge.authority("/O=elsewhere")
        check(r'authority = ".*"', f'authority = "{certificate}"', 2, "next:")
        stranger, key, _ = forge.make([forge.uri("monitor/probe")])
        pathlib.Path(key).chmod(0o600)
        context = self.context_for("stranger", stranger, key)
        self.checked(self.run_as(context, "check", "connect"), 2, "not registered")

    def test_chain_is_for_auditors_with_the_right_keys(self):
        self.checked(self.p.cairn("auditor", "check", "chain"), 0, "root and signature agree")
        self.checked(self.p.cairn("monitor", "check", "chain"), 2, "next:")
        folder = self.p.folder / "auditor"
        keys = folder / "vkeys"
        good = keys.read_text()
        other = harness.Partnership(self.p.folder.parent / f"{self.p.folder.name}-other").init()
        keys.write_text(other.vkeys.read_text())
        self.checked(self.p.cairn("auditor", "check", "chain"), 2, "signature")
        keys.unlink()
        self.checked(self.p.cairn("auditor", "check", "chain"), 2, "vkeys")
        keys.write_text(good)

    def test_what_the_health_page_says_fails_is_critical(self):
        with Page(503, "policy: expired\n") as page:
            self.checked(self.p.cairn("monitor", "check", "ready", "--health", page.at), 2, "policy: expired")
            self.checked(self.p.cairn("monitor", "check", "disk", "--health", page.at), 0, "has room")
        for text in ("disk: 12 bytes free", "ledger.db: the file is gone", "ledger: a commit failed"):
            with Page(503, f"policy: expired\n{text}\n") as page:
                self.checked(self.p.cairn("monitor", "check", "disk", "--health", page.at), 2, text)
        for status, text in ((503, ""), (404, "no such page\n"), (302, "elsewhere\n")):
            with Page(status, text) as page:
                for what in ("ready", "disk"):
                    self.checked(self.p.cairn("monitor", "check", what, "--health", page.at), 2, "next:")


if __name__ == "__main__":
    harness.main()
