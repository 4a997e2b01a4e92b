// What the two clients share: where the broker is, and named checks reported as JSON lines.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

export const setup = JSON.parse(readFileSync(process.argv[2], "utf8"));
export const tls = (who) => ({
  ca: readFileSync(setup.identities[who].authority),
  cert: readFileSync(setup.identities[who].certificate),
  key: readFileSync(setup.identities[who].key),
});

export async function check(name, run) {
  let ended;
  const late = new Promise((_, no) => {
    ended = setTimeout(() => no(new Error("took too long")), setup.patienceMs);
  });
  try {
    await Promise.race([run(), late]);
    console.log(JSON.stringify({ name, ok: true }));
  } catch (e) {
    console.log(JSON.stringify({ name, ok: false, why: String(e?.stack ?? e) }));
  } finally {
    clearTimeout(ended);
  }
}

// The error of a promise that must not come good.
export async function refusal(promise) {
  try {
    await promise;
  } catch (e) {
    return e;
  }
  assert.fail("not refused");
}

export const without = (object, member) => {
  const copy = structuredClone(object);
  delete copy[member];
  return copy;
};

// Until the broker itself says that so many receive: what a client calls cancelled, it decided alone.
export async function receiving(count) {
  const line = `cairn_desks_connected ${count}`;
  for (const end = Date.now() + setup.patienceMs; Date.now() < end; ) {
    const page = await (await fetch(setup.metrics)).text();
    if (page.split("\n").includes(line)) return;
    await new Promise((again) => setTimeout(again, 20));
  }
  assert.fail(`the broker never said ${line}`);
}
