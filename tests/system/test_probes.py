"""cairn status and cairn check with thresholds; cairn check connect against real faults."""

import concurrent.futures
import contextlib
import re
import socket
import ssl
import threading

import harness
import samples
import wire
from certificates import Forge
from relay import Relay
from samples import DSL, MASH


class Probes(harness.SystemTest):
    def checked(self, done, code, said):
        word = ("OK", "WARNING", "CRITICAL", "UNKNOWN")[code]
        self.assertEqual(done.code, code, done)
        self.assertTrue(done.out.startswith(word + ": "), done)
        self.assertIn(said, done.out)
        self.assertEqual(done.err, "", done)
        return done

    def health(self):
        return "--health", f"127.0.0.1:{self.p.daemon.health_port}"

    def numbers(self, done):
        """Performance data: label to value without its unit."""
        data = done.out.splitlines()[0].partition(" | ")[2]
        pairs = (x.partition("=") for x in data.split())
        return {k: float(re.match(r"-?[\d.]+", v).group()) for k, _, v in pairs}


class at_a_glance(Probes):
    """What an administrator reads first."""

    own_broker = True

    def test_status_says_what_an_administrator_asks(self):
        out = self.p.good("admin", "status").out
        for word in ("READY", "witnesses  none set", "free of", "ends next", "policy "):
            self.assertIn(word, out)
        # A desk that never got anything is there too.
        self.assertRegex(out, rf"(?m)^{DSL} +- +not since the start +0 +- +0 ")
        with wire.Client(self.p, "oakfield") as c:
            c.submit("at-a-glance-1", samples.small([MASH]))
        rows = {d["desk"]: d for d in self.p.status()["desks"]}
        self.assertEqual(rows[MASH]["pending"], "1")
        self.assertNotIn("lastSeenUs", rows[MASH])
        with wire.Client(self.p, "northshire-police") as c:
            self.assertEqual(len(c.inbox(MASH)), 1)
        seen = {d["desk"]: d for d in self.p.status()["desks"]}[MASH]
        self.assertGreater(int(seen["lastSeenUs"]), int(rows[MASH]["oldestPendingUs"]))
        self.assertRegex(self.p.good("admin", "status").out, rf"(?m)^{MASH} +- +\d+ s ago +1 +\d+ s ")

    def test_status_as_json_has_every_end_of_validity(self):
        status = self.p.status()
        ends = {e["what"]: int(e["atUs"]) for e in status["expiries"]}
        self.assertLessEqual(
            {"server certificate", "authority", "policy", "agency/oakfield"}, set(ends)
        )
        self.assertEqual(int(status["serverCertificateExpiresUs"]), ends["server certificate"])
        self.assertEqual(list(ends.values()), sorted(ends.values()))
        self.assertEqual(status["witness"], {})
        self.assertGreater(int(status["disk"]["totalBytes"]), int(status["disk"]["freeBytes"]))
        self.assertGreater(int(status["disk"]["usedBytes"]), 0)
        self.assertGreaterEqual(int(status["nowUs"]), int(status["startedUs"]))

    def test_a_desk_without_certificate_is_loud(self):
        with wire.Client(self.p, "oakfield") as c:
            c.submit("unreachable-1", samples.small([MASH]))
        self.checked(self.p.cairn("admin", "check", "deadlines"), 0, "nothing is overdue, 1 notices wait")
        listed = self.p.good("admin", "-o", "json", "cert", "list").json()
        for c in listed["certificates"]:
            if c.get("agency") == "northshire-police":
                self.p.good("admin", "cert", "revoke", c["sha256"], "--reason", "a test")
        self.assertRegex(self.p.good("admin", "status").out, rf"(?m)^{MASH} +UNREACHABLE ")
        done = self.p.cairn("admin", "check", "deadlines")
        self.checked(done, 2, f"{MASH}: no certificate may receive its 1 notices")


class thresholds(Probes):
    def test_disk_is_judged_by_the_share_that_is_free(self):
        for where in ((), self.health()):
            good = self.checked(
                self.p.cairn("admin", "check", "disk", "--warning", "0%", "--critical", "0%", *where),
                0, "of the disk is free",
            )
            free = self.numbers(good)["free"]
            self.assertTrue(0 < free < 100, good)
            self.checked(
                self.p.cairn("admin", "check", "disk", "--warning", "100%", "--critical", "0%", *where),
                1, "next:",
            )
            self.checked(
                self.p.cairn("admin", "check", "disk", "--critical", "100%", *where), 2, "next:"
            )
        self.checked(self.p.cairn("admin", "check", "disk", "--warning", "much"), 3, "--warning")

    def test_certificates_of_the_broker_and_of_agencies(self):
        for where in (("--broker",), self.health()):
            done = self.p.cairn("admin", "check", "certs", *where)
            self.checked(done, 0, "server certificate good for")
            self.assertGreater(self.numbers(done)["agency/oakfield"], 30)
            done = self.p.cairn("admin", "check", "certs", "--within", "9000d", *where)
            self.checked(done, 1, "authority good for")
            done = self.p.cairn("admin", "check", "certs", "--critical", "9000d", *where)
            self.checked(done, 2, "policy good for")
        self.checked(self.p.cairn("admin", "check", "certs", "--within", "9000d"), 1, "certificate good")
        self.checked(self.p.cairn("admin", "check", "certs", "--within", "soon"), 3, "--within")

    def test_the_clock_is_compared_with_this_machine_s(self):
        for where in ((), self.health()):
            done = self.checked(self.p.cairn("admin", "check", "clock", *where), 0, "from this machine's")
            self.assertLess(abs(self.numbers(done)["offset"]), 2)
            done = self.p.cairn("admin", "check", "clock", "--critical", "0s", *where)
            self.checked(done, 2, "timedatectl")

    def test_only_an_admin_is_told_by_call(self):
        for what, *more in (("disk", "--warning", "0%", "--critical", "0%"), ("clock",), ("deadlines",)):
            self.checked(self.p.cairn("monitor", "check", what, *more), 3, "--health")
            self.checked(self.p.cairn("monitor", "check", what, *more, *self.health()), 0, "")

    def test_a_notice_that_waits_too_long_is_a_warning(self):
        with wire.Client(self.p, "oakfield") as c:
            c.submit("waits-long-1", samples.small([MASH]))
        done = self.p.cairn("admin", "check", "deadlines")
        self.checked(done, 0, "nothing is overdue")
        self.assertGreaterEqual(self.numbers(done)["pending"], 1)
        harness.poll(
            "a second to pass",
            lambda: self.p.cairn("admin", "check", "deadlines", "--older-than", "0s").code == 1,
        )
        done = self.p.cairn("admin", "check", "deadlines", "--critical", "0")
        self.checked(done, 2, "cairn status")


class Listener:
    """Somebody else where the broker should be."""

    def __init__(self, serve):
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.serve = serve
        self.thread = threading.Thread(target=self.run)

    @property
    def port(self):
        return self.socket.getsockname()[1]

    def run(self):
        with contextlib.suppress(OSError):
            while True:
                taken, _ = self.socket.accept()
                with contextlib.suppress(OSError, ssl.SSLError):
                    self.serve(taken)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        self.thread.join()


class Connecting(Probes):
    own_broker = True

    def setUp(self):
        super().setUp()
        self.forge = Forge(self.p, self.p.folder / "forge")

    def context(self, **more):
        text = self.p.context("monitor").read_text()
        for key, value in more.items():
            text = re.sub(rf'(?m)^{key} = ".*"', f'{key} = "{value}"', text)
        spoiled = self.p.folder / "monitor" / "spoiled.toml"
        spoiled.write_text(text)
        return spoiled

    def connect(self, **more):
        return harness.run(
            [harness.BIN / "cairn", "--context", self.context(**more), "check", "connect"]
        )

    def named(self, done, cause, *words):
        self.checked(done, 2, f"CRITICAL: {cause}: ")
        for word in (*words, "next:"):
            self.assertIn(word, done.out)

    def own(self, **more):
        certificate, key, _ = self.forge.make([self.forge.uri("monitor/probe")], **more)
        key.chmod(0o600)
        return {"certificate": certificate, "key": key}


class connecting(Connecting):
    """Each thing that stands between an agency and the broker, named."""

    def test_all_is_well(self):
        self.checked(self.connect(), 0, "both certificates are accepted")

    def test_the_name_is_not_known(self):
        self.named(self.connect(broker="broker.invalid:7443"), "DNS", "broker.invalid")

    def test_the_port_is_closed(self):
        with socket.create_server(("127.0.0.1", 0)) as s:
            port = s.getsockname()[1]
        self.named(self.connect(broker=f"127.0.0.1:{port}"), "closed port", "nothing listens")

    def test_tls_is_opened_in_between_and_by_whom(self):
        certificate, key = self.forge.authority("/O=Northshire ICT/CN=web filter")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)

        def serve(taken):
            context.wrap_socket(taken, server_side=True).close()

        with Listener(serve) as between:
            done = self.connect(broker=f"127.0.0.1:{between.port}")
        self.named(done, "wrong authority or intercepted TLS", "issuer: ", "web filter", "uninspected")

    def test_what_answers_speaks_no_tls(self):
        def serve(taken):
            taken.recv(65536)
            taken.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            taken.close()

        with Listener(serve) as between:
            done = self.connect(broker=f"127.0.0.1:{between.port}")
        self.named(done, "TLS")

    def test_our_context_trusts_another_authority(self):
        certificate, _ = self.forge.authority("/O=elsewhere")
        done = self.connect(authority=certificate)
        self.named(done, "wrong authority or intercepted TLS", "northshire")

    def test_the_broker_carries_another_name(self):
        self.named(self.connect(name="elsewhere.example"), "wrong name", "elsewhere.example")

    def test_our_certificate_is_of_another_authority(self):
        done = self.connect(**self.own(signer=self.forge.authority("/O=elsewhere")))
        self.named(done, "our certificate is of a wrong authority")

    def test_our_certificate_has_expired(self):
        done = self.connect(**self.own(start="20200101000000Z", end="20210101000000Z"))
        self.named(done, "our certificate expired", "2021-01-01")

    def test_our_clock_is_before_our_certificate(self):
        done = self.connect(**self.own(start="20340101000000Z", end="20350101000000Z"))
        self.named(done, "clock", "2034-01-01", "Set this machine's clock")

    def test_their_certificate_has_expired(self):
        tls = self.p.broker / "tls"
        certificate, key, _ = self.forge.make(
            ["DNS:localhost", "IP:127.0.0.1"], usage="serverAuth",
            start="20200101000000Z", end="20210101000000Z",
        )
        (tls / "server.pem").write_text(certificate.read_text())
        (tls / "server.key").write_text(key.read_text())
        self.assertEqual(self.p.stop(), 0)
        self.p.start()
        self.named(self.connect(), "their certificate expired")

    def test_their_certificate_begins_later_than_our_clock(self):
        tls = self.p.broker / "tls"
        certificate, key, _ = self.forge.make(
            ["DNS:localhost", "IP:127.0.0.1"], usage="serverAuth",
            start="20340101000000Z", end="20350101000000Z",
        )
        (tls / "server.pem").write_text(certificate.read_text())
        (tls / "server.key").write_text(key.read_text())
        self.assertEqual(self.p.stop(), 0)
        self.p.start()
        self.named(self.connect(), "clock", "not valid yet")

    def test_we_are_not_enrolled(self):
        self.named(self.connect(**self.own()), "not enrolled")

    def test_our_certificate_was_revoked(self):
        listed = self.p.good("admin", "-o", "json", "cert", "list").json()
        pin = next(c["sha256"] for c in listed["certificates"] if c["uri"].endswith("monitor/probe"))
        self.p.good("admin", "cert", "revoke", pin, "--reason", "a test")
        self.named(self.connect(), "our certificate was revoked")

    def test_our_agency_is_suspended(self):
        self.p.good("admin", "agency", "suspend", "oakfield", "--reason", "a test")
        self.named(self.p.cairn("oakfield", "check", "connect"), "agency suspended")

    def test_somebody_takes_the_connection_and_says_nothing(self):
        """Twice at once, for each waits its whole time: for the broker, and for a proxy."""
        with socket.create_server(("127.0.0.1", 0)) as silent:
            port = silent.getsockname()[1]
            direct = self.context(broker=f"127.0.0.1:{port}")
            proxied = direct.with_name("proxied.toml")
            proxied.write_text(f'proxy = "http://127.0.0.1:{port}"\n' + self.p.context("monitor").read_text())
            with concurrent.futures.ThreadPoolExecutor() as both:
                done = [
                    both.submit(harness.run, [harness.BIN / "cairn", "--context", c, "check", "connect"])
                    for c in (direct, proxied)
                ]
                self.named(done[0].result(), "no answer", "firewall")
                self.named(done[1].result(), "proxy", f"proxy 127.0.0.1:{port}", "no answer in time")


class through_a_proxy(Connecting):
    """A proxy that refuses or cuts is named, and what to do about it."""

    def through(self, relay, login=None):
        context = self.context()
        text = f'proxy = "http://127.0.0.1:{relay.port}"\n'
        if login is not None:
            secret = context.parent / "proxy.login"
            secret.write_text(login + "\n")
            secret.chmod(0o600)
            text += 'proxy_auth_file = "proxy.login"\n'
        context.write_text(text + context.read_text())
        return harness.run([harness.BIN / "cairn", "--context", context, "check", "connect"])

    def blamed(self, done, relay, *words):
        self.named(done, "proxy", f"proxy 127.0.0.1:{relay.port}", *words)

    def test_one_that_opens_the_way_is_no_matter(self):
        with Relay(self.p.port) as relay:
            self.checked(self.through(relay), 0, "both certificates are accepted")
        self.assertEqual(len(relay.asked), 1)
        self.assertTrue(relay.asked[0].startswith(f"CONNECT 127.0.0.1:{self.p.port} "))

    def test_one_that_refuses_says_which_refusal_it_was(self):
        basic = b"Proxy-Authenticate: Basic realm=\"ICT\"\r\n"
        negotiate = b"Proxy-Authenticate: Negotiate\r\n"
        for said, login, words in (
            (b"407 Who\r\n" + basic, None, ("status 407", "wants a name and password", "mode 0600")),
            (b"407 Who\r\n" + basic, "oak:wrong", ("status 407", "does not take", "proxy_auth_file")),
            (b"407 Who\r\n" + negotiate, "oak:right", ("status 407", "without a login")),
            (b"403 Forbidden\r\n", None, ("status 403", "allow CONNECT")),
            (b"502 Bad Gateway\r\n", None, ("status 502", "cannot reach the broker", "`broker`")),
            (b"429 Slow\r\n", None, ("status 429", "allow CONNECT")),
        ):
            with self.subTest(said), Relay(self.p.port, answer=b"HTTP/1.1 " + said + b"\r\n") as relay:
                done = self.through(relay, login)
                self.blamed(done, relay, *words)
                self.assertNotIn("oak:", done.out)
                self.assertEqual("Proxy-Authorization: Basic" in relay.asked[0], login is not None)

    def test_what_is_no_proxy_at_all(self):
        for said, words in ((b"220 smtp.example\r\n", "no HTTP proxy"), (b"", "without an answer")):
            with self.subTest(said), Relay(self.p.port, answer=said) as relay:
                self.blamed(self.through(relay), relay, words)
        # Closed by now: nothing listens where it was.
        self.blamed(self.through(relay), relay, "nothing listens", "whether the proxy runs")

    def test_one_that_cuts_is_named_wherever_it_cuts(self):
        with Relay(self.p.port) as relay:
            self.checked(self.through(relay), 0, "accepted")
            whole = harness.poll("its end", lambda: relay.passed)[0]
        within = [1, whole // 4, whole // 2]
        with Relay(self.p.port, cuts=within) as relay:
            for n in within:
                with self.subTest(bytes=n):
                    self.blamed(self.through(relay), relay, "through the proxy", "cut the connection")
        # After the handshake: the last cut that is too early for the answer.
        for less in range(whole):
            with Relay(self.p.port, cuts=[whole - less]) as relay:
                done = self.through(relay)
            if done.code != 0:
                break
        self.blamed(done, relay, "after it was open, through the proxy", "cut the connection")


if __name__ == "__main__":
    harness.main()
