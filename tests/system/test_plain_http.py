"""The main job by curl alone: forms, versions, pages, and what is refused in words."""

import json
import subprocess

import harness
import samples
from harness import submission
from samples import FRONT_DOOR, MASH, NAMED

SUBMIT = "/cairn.v1.Exchange/Submit"


class plain_http(harness.SystemTest):
    """curl --json on both versions of HTTP."""

    def test_curl_submits_over_http2(self):
        answer = self.p.curl("oakfield", SUBMIT, submission("curl-h2-0001", samples.small()))
        out = self.accepted(answer)
        self.assertEqual(answer.version, "2")
        self.assertEqual(out["told"], [FRONT_DOOR])

    def test_curl_submits_over_http1(self):
        answer = self.p.curl(
            "oakfield", SUBMIT, submission("curl-h1-0001", samples.small()), http="--http1.1"
        )
        self.accepted(answer)
        self.assertEqual(answer.version, "1.1")

    def test_both_versions_list_the_same_desks(self):
        answers = [
            self.p.curl("oakfield", "/cairn.v1.Exchange/ListDesks", b"{}", http=h)
            for h in ("--http2", "--http1.1")
        ]
        self.assertEqual([a.status for a in answers], [200, 200], str(answers[0]))
        self.assertEqual(answers[0].json(), answers[1].json())
        found = {d["desk"]: d for d in answers[0].json()["desks"]}
        self.assertEqual(sorted(found), sorted(d for d, _ in harness.DESKS))
        self.assertEqual(found[MASH]["role"], "ROLE_MASH")
        self.assertEqual(found[MASH]["agencyName"], "Northshire Police")

    def test_curl_fetches_and_confirms(self):
        sent = self.accepted(
            self.p.curl("oakfield", SUBMIT, submission("curl-fetch-1", samples.small([NAMED])))
        )
        for http in ("--http2", "--http1.1"):
            page = self.p.curl(
                "northshire-health", "/cairn.v1.Exchange/Fetch",
                json.dumps({"desk": NAMED}).encode(), http=http,
            )
            self.assertEqual(page.status, 200, str(page))
            waiting = page.json()["deliveries"]
            self.assertEqual([d["notice"]["concernId"] for d in waiting], [sent["concernId"]])
        body = json.dumps({"desk": NAMED, "positions": [waiting[0]["position"]]}).encode()
        done = self.p.curl("northshire-health", "/cairn.v1.Exchange/Confirm", body)
        self.assertEqual(done.json(), {"confirmed": 1}, str(done))
        page = self.p.curl(
            "northshire-health", "/cairn.v1.Exchange/Fetch", json.dumps({"desk": NAMED}).encode()
        )
        self.assertEqual(page.json().get("deliveries", []), [])
        self.assert_conserved()

    def test_curl_receives_a_stream_and_goes_away_in_the_middle(self):
        """Connect's streaming form: each message behind a flag and its length."""
        sent = self.accepted(
            self.p.curl("oakfield", SUBMIT, submission("curl-stream-1", samples.small([MASH])))
        )
        request = json.dumps({"desk": MASH}).encode()
        certificate, key, authority = self.p.files("northshire-police")
        for http in ("--http2", "--http1.1"):
            curl = subprocess.Popen(
                ["curl", "--silent", http, "--no-buffer", "--max-time", str(harness.PATIENCE_S),
                 "--cert", certificate, "--key", key, "--cacert", authority,
                 "--resolve", f"localhost:{self.p.port}:127.0.0.1",
                 "-H", "content-type: application/connect+json", "--data-binary", "@-",
                 f"https://localhost:{self.p.port}/cairn.v1.Exchange/Receive"],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            )
            with curl:
                curl.stdin.write(b"\0" + len(request).to_bytes(4, "big") + request)
                curl.stdin.close()
                size = int.from_bytes(curl.stdout.read(5)[1:], "big")
                delivery = json.loads(curl.stdout.read(size))
                self.assertIsNone(curl.poll(), "the stream is open when its reader goes")
                curl.kill()
            self.assertEqual(delivery["notice"]["concernId"], sent["concernId"], http)
            harness.poll(
                "the broker to notice",
                lambda: "cairn_desks_connected 0" in self.p.daemon.page("/metrics")[1],
            )

    def test_without_certificate_no_call_is_answered(self):
        for http in ("--http2", "--http1.1"):
            answer = self.p.curl(
                None, SUBMIT, submission("anonymous-1", samples.small()), http=http
            )
            # Either the handshake fails or the answer says who is missing; never a success.
            if answer.exit_code == 0:
                self.refused(answer, 401, "unauthenticated")
            else:
                self.assertIn(answer.exit_code, (35, 55, 56), str(answer))
                self.assertEqual(answer.status, 0)

    def test_a_form_is_not_understood(self):
        for http in ("--http2", "--http1.1"):
            answer = self.p.curl(
                "oakfield", SUBMIT, submission("form-key-1", samples.small()), http=http,
                json_type=False,
            )
            self.refused(answer, 415, "unsupported_media")
            self.assertIn("--json", answer.json()["cairn"]["nextStep"])

    def test_a_page_of_another_origin_cannot_use_the_browsers_certificate(self):
        answer = self.p.curl(
            "oakfield", SUBMIT, submission("origin-key-1", samples.small()),
            arguments=[
                "-H", "Origin: https://elsewhere.example", "-H", "Sec-Fetch-Site: cross-site",
            ],
        )
        self.refused(answer, 403, "cross_origin")

    def test_unknown_paths_and_methods_say_so(self):
        unknown = self.p.curl("oakfield", "/cairn.v1.Exchange/Subvert", b"{}")
        self.assertEqual((unknown.status, unknown.symbol()), (404, "unimplemented"), str(unknown))
        got = self.p.curl("oakfield", SUBMIT)
        self.assertEqual(got.status, 405, str(got))

    def test_json_that_is_no_concern_is_refused_in_words(self):
        broken = self.p.curl("oakfield", SUBMIT, b'{"key": "json-key-1", "concern": {')
        self.refused(broken, 400, "malformed")
        unknown = self.p.curl("oakfield", SUBMIT, b'{"key": "json-key-1", "colour": "red"}')
        self.refused(unknown, 400, "malformed")

    def test_the_health_listener_needs_no_certificate_and_serves_nothing_else(self):
        d = self.p.daemon
        self.assertEqual(d.page("/livez"), (200, "ok\n"))
        self.assertEqual(d.page("/readyz"), (200, "ready\n"))
        status, metrics = d.page("/metrics")
        self.assertEqual(status, 200)
        self.assertRegex(metrics, r"(?m)^cairn_concerns_accepted_total \d+$")
        self.assertEqual(d.page("/cairn.v1.Exchange/ListDesks")[0], 404)


if __name__ == "__main__":
    harness.main()
