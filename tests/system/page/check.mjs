// Opens pages in a real browser and looks for what keeps somebody from reading them. One line of
// JSON a finding, and one a page: {page, found: [...]}. Usage: node check.mjs SETUP.json
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import axe from "axe-core";
import puppeteer from "puppeteer-core";

const setup = JSON.parse(readFileSync(process.argv[2], "utf8"));
const rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
// What another width can change; colours and names are the same.
const byLayout = { type: "rule", values: ["target-size", "scrollable-region-focusable"] };
if (setup.shots) mkdirSync(setup.shots, { recursive: true });

// WCAG 1.4.12, the spacing a reader may set.
const spacing = `* { line-height: 1.5 !important; letter-spacing: .12em !important;
  word-spacing: .16em !important; } p { margin-bottom: 2em !important; }`;

const browser = await puppeteer.launch({
  executablePath: setup.chromium,
  // Root has no sandbox, and the pages are ours.
  args: ["--no-sandbox", "--disable-dev-shm-usage", "--hide-scrollbars"],
});

// What is wider than the window, whole page or one element; of that the first.
const tooWide = () => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth > width) return `the page, beyond ${width} px`;
  for (const e of document.body.querySelectorAll("*")) {
    const box = e.getBoundingClientRect();
    const seen = box.width > 1 && box.height > 1;
    if (seen && box.right > width + 1) return `${e.tagName} ${e.textContent.slice(0, 40)}`;
    const cut = getComputedStyle(e).overflowX !== "visible" && box.width > 1;
    if (cut && e.scrollWidth > e.clientWidth + 1) return `cut off: ${e.tagName}`;
  }
  return null;
};

const structure = () => {
  const out = [];
  const heads = [...document.querySelectorAll("h1,h2,h3,h4,h5,h6")].map((h) => Number(h.tagName[1]));
  if (heads.filter((n) => n === 1).length !== 1) out.push("not one h1");
  heads.forEach((n, i) => {
    if (i > 0 && n > heads[i - 1] + 1) out.push(`heading ${n} after ${heads[i - 1]}`);
  });
  if (document.documentElement.lang !== "en-GB") out.push("no language");
  if (document.querySelectorAll("main").length !== 1) out.push("not one main");
  if (document.scripts.length) out.push("a script");
  for (const e of document.querySelectorAll("*"))
    for (const a of e.attributes) if (a.name.startsWith("on")) out.push(`a handler ${a.name}`);
  for (const e of document.querySelectorAll("[tabindex]"))
    if (e.tabIndex > 0) out.push("an order of focus of its own");
  for (const a of document.querySelectorAll("a[href]"))
    if (!a.getAttribute("href").startsWith("#") || !document.querySelector(a.getAttribute("href")))
      out.push("a link that leads nowhere in the page");
  return out;
};

// What a bug would let into the page must still not be fetched or run.
const policyHolds = async () => {
  const stopped = [];
  addEventListener("securitypolicyviolation", (e) => stopped.push(e.effectiveDirective));
  const image = document.createElement("img");
  image.src = "https://example.invalid/x.png";
  const script = document.createElement("script");
  script.textContent = "globalThis.ran = true";
  document.body.append(image, script);
  await new Promise((yes) => setTimeout(yes, 50));
  image.remove();
  script.remove();
  const held = stopped.some((d) => d.startsWith("img")) && stopped.some((d) => d.startsWith("script"));
  return held && !globalThis.ran ? [] : ["its policy lets a picture or a script in"];
};

const visibleText = () => document.body.innerText.replace(/\s+/g, " ").trim();

async function printed(page, name, found) {
  const onScreen = await page.evaluate(visibleText);
  await page.emulateMediaType("print");
  const onPaper = await page.evaluate(visibleText);
  if (onPaper.length < onScreen.length) found.push("print leaves out what the screen shows");
  await page.emulateMediaType();
  const pdf = await page.pdf({
    preferCSSPageSize: true, format: "A4", ...(setup.shots && { path: join(setup.shots, `${name}.pdf`) }),
  });
  if (Buffer.from(pdf.subarray(0, 5)).toString() !== "%PDF-") found.push("does not print");
}

async function seen(page, name, size, found) {
  await page.setViewport({ width: size, height: 1000 });
  const wide = await page.evaluate(tooWide);
  if (wide) found.push(`${size} px: does not reflow: ${wide}`);
  if (!setup.shots) return;
  // Chromium takes no picture of more than 16,384 px.
  const height = Math.min(16000, await page.evaluate(() => document.documentElement.scrollHeight));
  await page.screenshot({
    path: join(setup.shots, `${name}.${size}.png`), captureBeyondViewport: true,
    clip: { x: 0, y: 0, width: size, height },
  });
}

async function accessible(page, where, runOnly, found) {
  const result = await page.evaluate(
    (only) => globalThis.axe.run(
      document, { runOnly: only, resultTypes: ["violations"], preload: false },
    ), runOnly,
  );
  for (const v of result.violations) found.push(`${where}: ${v.id}: ${v.nodes[0].html.slice(0, 120)}`);
  return result.passes.length;
}

async function examine({ name, file }) {
  const page = await browser.newPage();
  const found = [];
  const address = pathToFileURL(file).href;
  await page.setRequestInterception(true);
  page.on("request", (r) => {
    if (r.url() === address) return r.continue();
    found.push(`asks for ${r.url().slice(0, 80)}`);
    return r.abort();
  });
  page.on("dialog", (d) => { found.push("runs a script"); d.dismiss(); });
  await page.setViewport({ width: 1400, height: 1000 });
  await page.goto(address);
  const title = await page.title();
  found.push(...(await page.evaluate(structure)));
  await page.evaluate(axe.source);
  const passes = await accessible(page, "1400 px", rules, found);
  await printed(page, name, found);
  await seen(page, name, 1400, found);
  await seen(page, name, 320, found);
  await accessible(page, "320 px", byLayout, found);
  const added = await page.addStyleTag({ content: spacing });
  const wide = await page.evaluate(tooWide);
  if (wide) found.push(`320 px, spaced: ${wide}`);
  await added.evaluate((e) => e.remove());
  found.push(...(await page.evaluate(policyHolds)));
  await page.close();
  console.log(JSON.stringify({ name, title, passes, found }));
}

try {
  for (const page of setup.pages) await examine(page);
} finally {
  await browser.close();
}
