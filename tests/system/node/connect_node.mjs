// @connectrpc/connect-node in three wire forms, the schema from a descriptor set protoc made.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

import { createFileRegistry, fromBinary, fromJson } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport } from "@connectrpc/connect-node";

import { check, receiving, refusal, setup, tls, without } from "./shared.mjs";

const schema = createFileRegistry(
  fromBinary(FileDescriptorSetSchema, readFileSync(setup.descriptors)),
);
const Exchange = schema.getService("cairn.v1.Exchange");
const Concern = schema.getMessage("cairn.v1.Concern");
const concern = () => fromJson(Concern, setup.concern);

const options = (who) => ({
  baseUrl: `https://${setup.address}`,
  nodeOptions: { ...tls(who), servername: "localhost" },
});
const forms = {
  "grpc": (who) => createGrpcTransport(options(who)),
  "connect proto": (who) =>
    createConnectTransport({ ...options(who), httpVersion: "2", useBinaryFormat: true }),
  "connect json": (who) =>
    createConnectTransport({ ...options(who), httpVersion: "2", useBinaryFormat: false }),
  "connect json http1": (who) =>
    createConnectTransport({ ...options(who), httpVersion: "1.1", useBinaryFormat: false }),
};

const desk = setup.desk;
const soon = () => ({ timeoutMs: setup.patienceMs });

async function first(stream, count) {
  const out = [];
  for await (const m of stream) {
    out.push(m);
    if (out.length === count) break;
  }
  return out;
}

for (const [form, transport] of Object.entries(forms)) {
  const stem = form.replaceAll(" ", "-");
  const school = createClient(Exchange, transport("oakfield"));
  const nurse = createClient(Exchange, transport("northshire-health"));
  let sent;

  await check(`${form}: submit`, async () => {
    sent = await school.submit({ key: `${stem}-key-1`, concern: concern() }, soon());
    assert.match(sent.concernId, /^[0-9a-f]{32}$/);
    const again = await school.submit({ key: `${stem}-key-1`, concern: concern() }, soon());
    assert.equal(again.receipt, sent.receipt);
  });

  await check(`${form}: receive and confirm`, async () => {
    const end = new AbortController();
    const got = await first(nurse.receive({ desk }, { signal: end.signal, ...soon() }), 1);
    end.abort();
    assert.equal(got[0].notice.concernId, sent.concernId);
    const done = await nurse.confirm({ desk, positions: [got[0].position] }, soon());
    assert.equal(done.confirmed, 1);
    assert.equal((await nurse.fetch({ desk }, soon())).deliveries.length, 0);
  });

  await check(`${form}: refused in words`, async () => {
    const bad = fromJson(Concern, without(setup.concern, "acting"));
    const e = ConnectError.from(
      await refusal(school.submit({ key: `${stem}-key-2`, concern: bad }, soon())),
    );
    assert.equal(e.code, Code.InvalidArgument);
    assert.match(e.rawMessage, /concern\.acting/);
  });

  await check(`${form}: refused another's desk`, async () => {
    const e = ConnectError.from(await refusal(first(school.receive({ desk }, soon()), 1)));
    assert.equal(e.code, Code.PermissionDenied);
  });

  await check(`${form}: deadline`, async () => {
    const e = ConnectError.from(await refusal(first(nurse.receive({ desk }, { timeoutMs: 300 }), 1)));
    assert.equal(e.code, Code.DeadlineExceeded);
  });

  await check(`${form}: cancelled`, async () => {
    const end = new AbortController();
    const waiting = first(nurse.receive({ desk }, { signal: end.signal }), 1);
    const refused = refusal(waiting);
    await receiving(1);
    end.abort();
    const e = ConnectError.from(await refused);
    assert.equal(e.code, Code.Canceled);
    await receiving(0);
    assert.equal((await nurse.listDesks({}, soon())).desks.length, setup.deskCount);
  });

  if (form.endsWith("http1")) continue;
  await check(`${form}: publish`, async () => {
    async function* requests() {
      for (let n = 0; n < 50; ++n) yield { key: `${stem}-pub-${n}`, concern: concern() };
    }
    const answers = await first(school.publish(requests(), soon()), 51);
    assert.equal(answers.length, 50);
    assert.ok(answers.every((a) => a.result.case === "accepted"));
    const got = await first(nurse.receive({ desk, maxUnconfirmed: 100 }, soon()), 50);
    const done = await nurse.confirm({ desk, positions: got.map((d) => d.position) }, soon());
    assert.equal(done.confirmed, 50);
  });
}
// Idle HTTP/2 sessions would keep the process.
process.exit(0);
