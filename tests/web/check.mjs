// Looks at every page in a real browser: node check.mjs http://127.0.0.1:8899 [--screenshot FILE]
// Finds: console errors, failed requests, requests to elsewhere, accessibility violations, pages wider than the
// screen, charts whose data differ from the API, pages that need JavaScript. Exits 1 when anything is found.
import { createRequire } from "node:module";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

const args = process.argv.slice(2);
const base = (args.find((word) => word.startsWith("http")) ?? "http://127.0.0.1:8899").replace(/\/$/, "");
const shot = args.includes("--screenshot") ? args[args.indexOf("--screenshot") + 1] : null;
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const pages = ["/", "/?show=cost", "/?profile=ecologits", "/breakdown", "/breakdown?by=model&show=water_l", "/breakdown?by=stage", "/breakdown?by=month", "/lifecycle", "/lifecycle?show=water_l&profile=ghg-location", "/live", "/quality", "/sources", "/api", "/nowhere"];
const flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

let looked = 0;
const faults = [];
const fault = (where, what) => { faults.push(`${where}: ${what}`); console.log(`SHORT ${where}: ${what}`); };

// Opens a page that may reach the house and nothing else.
async function visit(browser, path, { moving, ...options }) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const where = `${path} ${options.colorScheme ?? "light"} ${options.viewport.width}px${options.javaScriptEnabled === false ? " no script" : ""}`;
  await page.route("**/*", (route) => {
    const url = route.request().url();
    if (url.startsWith(`${base}/`) || url.startsWith("data:")) return route.continue();
    fault(where, `asks for ${url}`);
    return route.abort();
  });
  const lost = path.startsWith("/nowhere");
  page.on("console", (line) => {
    if (["error", "warning"].includes(line.type()) && !(lost && line.text().includes("404"))) fault(where, `console: ${line.text()}`);
  });
  page.on("pageerror", (error) => fault(where, `script: ${error.message}`));
  page.on("requestfailed", (request) => fault(where, `failed: ${request.url()}`));
  page.on("response", (answer) => {
    if (answer.status() >= 400 && !lost) fault(where, `${answer.status()} ${answer.url()}`);
  });
  await page.goto(base + path, { waitUntil: "load" });
  // A page that goes on changing cannot be looked at part by part; that it moves is seen further below.
  if (options.javaScriptEnabled !== false && !moving) await page.evaluate(() => document.getElementById("live-pause")?.click());
  looked += 1;
  return { page, context, where };
}

async function accessible(page, where) {
  await page.evaluate(() => document.querySelectorAll("details").forEach((one) => { one.open = true; }));
  await page.evaluate(axe);
  const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  for (const one of found.violations) fault(where, `axe ${one.id}: ${one.help} (${one.nodes.map((node) => node.target).slice(0, 3).join(" | ")})`);
}

async function fits(page, where) {
  const [wide, screen] = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
  if (wide > screen) fault(where, `${wide} px wide on a screen of ${screen} px`);
}

// Every data table names the API call that gives the same figures; cell by cell they must be equal.
async function equal(page, where) {
  const tables = await page.$$eval("table[data-api]", (list) => list.map((table) => ({
    api: table.dataset.api,
    indicator: table.dataset.indicator,
    rows: [...table.querySelectorAll("tbody tr")].map((row) => ({
      key: row.dataset.key,
      figures: [...row.querySelectorAll("[data-value]")].map((cell) => JSON.parse(cell.dataset.value)),
    })),
  })));
  for (const { api, indicator, rows } of tables) {
    const answer = await (await fetch(base + api)).json();
    const groups = answer.points ?? answer.groups ?? answer.stages;
    if (groups.length !== rows.length) fault(where, `${api}: ${rows.length} rows, the API has ${groups.length}`);
    for (const [place, row] of rows.entries()) {
      const figure = groups[place]?.impacts[indicator];
      const wanted = figure ? [figure.low, figure.median, figure.high] : [null];
      if (groups[place]?.key !== row.key || JSON.stringify(wanted) !== JSON.stringify(row.figures)) fault(where, `${api} ${row.key}: page ${row.figures}, API ${wanted}`);
    }
  }
  return tables.length;
}

const profile = mkdtempSync(join(tmpdir(), "bilanz-web-"));
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: [...flags, `--disk-cache-dir=${profile}`] });
try {
  let compared = 0;
  for (const path of pages) {
    for (const lang of ["en", "de"]) {
      const address = `${path}${path.includes("?") ? "&" : "?"}lang=${lang}`;
      for (const colorScheme of ["light", "dark"]) {
        for (const width of [1280, 390, 360]) {
          if (width === 360 && colorScheme === "dark") continue;
          const { page, context, where } = await visit(browser, address, { colorScheme, viewport: { width, height: 900 } });
          await fits(page, where);
          await accessible(page, where);
          if (width === 1280 && colorScheme === "light") compared += await equal(page, where);
          if ((await page.getAttribute("html", "lang")) !== lang) fault(where, "the language of the page is not said");
          await context.close();
        }
      }
      const { page, context, where } = await visit(browser, address, { javaScriptEnabled: false, viewport: { width: 1280, height: 900 } });
      if ((await page.locator("h1").count()) !== 1) fault(where, "no single title");
      if (path === "/" && (await page.locator("svg[data-chart] path").count()) === 0) fault(where, "no chart without script");
      await context.close();
    }
  }
  if (compared === 0) fault("all pages", "no chart was compared with the API");

  // The crosshair says the figure, by pointer and by key.
  const { page, context, where } = await visit(browser, "/", { viewport: { width: 1280, height: 900 } });
  const chart = page.locator("svg[data-chart]").first();
  if (await chart.count()) {
    await chart.scrollIntoViewIfNeeded();
    const box = await chart.boundingBox();
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    const byPointer = await page.locator("output.readout").first().textContent();
    await chart.focus();
    await page.keyboard.press("ArrowRight");
    const byKey = await page.locator("output.readout").first().textContent();
    if (!/\d/.test(byPointer) || !/\d/.test(byKey) || byPointer === byKey) fault(where, `the crosshair says "${byPointer}", then "${byKey}"`);
  }
  // The range form leads to an address that holds the range.
  await page.selectOption("select[name=profile]", "operational");
  await page.waitForURL(/profile=operational/);
  if (!/from=\d{4}-\d\d-\d\d&to=\d{4}/.test(page.url())) fault(where, `the range is not in ${page.url()}`);
  await context.close();

  // The live page moves by itself, and stands still when told to.
  const live = await visit(browser, "/live", { viewport: { width: 1280, height: 900 }, moving: true });
  const state = () => live.page.textContent("#live-state");
  if (await live.page.locator("#live-state").count()) {
    const before = await state();
    await live.page.waitForTimeout(6000);
    const moved = await state();
    if (moved === before) fault(live.where, "does not move");
    await live.page.click("#live-pause");
    await live.page.waitForTimeout(500);
    const still = await state();
    await live.page.waitForTimeout(4500);
    if ((await state()) !== still) fault(live.where, "moves on when paused");
  }
  await live.context.close();

  if (shot) {
    const { page: view, context: last } = await visit(browser, "/?lang=en", { viewport: { width: 1280, height: 1720 }, deviceScaleFactor: 1 });
    await view.screenshot({ path: shot });
    await last.close();
  }
  console.log(`${looked} views, ${compared} tables equal to the API: ${faults.length ? `${faults.length} short` : "all hold"}`);
} finally {
  await browser.close();
  rmSync(profile, { recursive: true, force: true });
}
process.exit(faults.length ? 1 : 0);
