// Tabs, controls, drill-downs and collapsible groups. Sheets come from the server as HTML that was escaped there;
// what a person chooses goes back as an address. In a page that stands alone, the sheets are there already.
"use strict";

const dashboard = document.body.dataset.dashboard;
const tabs = [...document.querySelectorAll("[role=tab]")];
const panels = [...document.querySelectorAll("[role=tabpanel]")];
const busy = document.querySelector(".busy");
const chosen = new URLSearchParams(location.search);
const shown = new Map();
let latest = 0;
let remark = "";

const look = {
  background: null,
  font: 'system-ui, "Segoe UI", "DejaVu Sans", sans-serif',
  view: { stroke: null },
  axis: { grid: true, gridColor: "#edf0f3", domainColor: "#c9d1d9", tickColor: "#c9d1d9", labelColor: "#4a5560",
    titleColor: "#5b6875", titleFontWeight: 600, labelFontSize: 11, titleFontSize: 11 },
  axisBand: { grid: false },
  legend: { labelColor: "#4a5560", titleColor: "#5b6875", symbolType: "circle", labelFontSize: 11, labelLimit: 220 },
};

async function drawChart(figure) {
  const body = figure.querySelector(".chart-body");
  const spec = JSON.parse(figure.querySelector('script[type="application/json"]').textContent);
  const sized = { ...spec, width: "container", height: "container", autosize: { type: "fit", contains: "padding" }, config: look };
  try {
    const options = { actions: false, renderer: "svg", ast: true, defaultStyle: false, tooltip: { disableDefaultStyle: true } };
    const { view } = await vegaEmbed(body, sized, options);
    view.addEventListener("click", (_, item) => {
      const name = item?.datum?.c;
      const select = figure.querySelector(".drill select");
      if (select && [...select.options].some((option) => option.value === name)) descend(figure, name);
    });
    figure.dataset.ready = "true";
  } catch (error) {
    body.textContent = "The chart cannot be drawn: " + error.message;
    body.classList.add("note", "error");
  }
}

function descend(figure, value) {
  chosen.append("d." + figure.dataset.visual, value);
  refresh();
}

function ascend(figure, depth) {
  const name = "d." + figure.dataset.visual;
  const path = chosen.getAll(name).slice(0, depth);
  chosen.delete(name);
  path.forEach((value) => chosen.append(name, value));
  refresh();
}

function collapse(table, group, closed) {
  const groups = new Set(JSON.parse(table.dataset.collapsed));
  closed ? groups.add(group) : groups.delete(group);
  table.dataset.collapsed = JSON.stringify([...groups]);
  applyCollapse(table);
}

function applyCollapse(table) {
  const groups = new Set(JSON.parse(table.dataset.collapsed));
  for (const row of table.tBodies[0].rows) {
    row.hidden = JSON.parse(row.dataset.groups).some((group) => groups.has(group));
    if (row.dataset.summary) {
      const closed = groups.has(row.dataset.summary);
      row.classList.toggle("closed", closed);
      if (table.classList.contains("hierarchy")) row.querySelector(".toggle").setAttribute("aria-expanded", String(!closed));
    }
  }
}

function prepare(panel, figures) {
  const waiting = figures.filter((figure) => figure.classList.contains("chart")).map(drawChart);
  for (const figure of figures) {
    for (const table of figure.querySelectorAll("table[data-collapsed]")) applyCollapse(table);
  }
  return Promise.all(waiting);
}

// Only what differs is drawn anew: what a control does not touch stays as it is, scrolled and collapsed as it was.
async function fill(panel, html) {
  const next = document.createElement("template");
  next.innerHTML = html;
  const known = shown.get(panel) ?? new Map();
  const elements = [...next.content.querySelectorAll(".element")];
  const texts = new Map(elements.map((element) => [element.dataset.element, element.outerHTML]));
  let fresh = elements;
  if (known.size && elements.length === known.size && elements.every((element) => known.has(element.dataset.element))) {
    const places = new Map([...panel.querySelectorAll(".element")].map((element) => [element.dataset.element, element]));
    fresh = elements.filter((element) => known.get(element.dataset.element) !== element.outerHTML);
    fresh.forEach((element) => places.get(element.dataset.element).replaceWith(element));
    const notes = new Map([...next.content.querySelectorAll(".control")].map((control) => [control.dataset.name, control.querySelector("em")]));
    for (const control of panel.querySelectorAll(".control")) {
      control.querySelector("em")?.remove();
      control.append(notes.get(control.dataset.name) ?? "");
    }
  } else {
    panel.replaceChildren(next.content);
  }
  shown.set(panel, texts);
  await prepare(panel, fresh);
}

async function refresh() {
  const at = tabs.findIndex((tab) => tab.getAttribute("aria-selected") === "true");
  if (at < 0 || !dashboard) return;
  const mine = ++latest;
  const panel = panels[at];
  const address = new URL("/dashboards/" + encodeURIComponent(dashboard) + "/sheets/" + encodeURIComponent(tabs[at].dataset.sheet), location.href);
  address.search = chosen.toString();
  panel.dataset.state = "busy";
  busy.textContent = "…";
  try {
    const reply = await fetch(address);
    const text = await reply.text();
    if (mine !== latest) return;
    if (!reply.ok) throw new Error(text || "the server answered " + reply.status);
    await fill(panel, text);
    busy.textContent = remark;
  } catch (error) {
    busy.textContent = "The sheet could not be drawn: " + error.message;
  }
  if (mine === latest) {
    panel.dataset.state = "ready";
    history.replaceState(null, "", (chosen.size ? "?" + chosen : location.pathname) + "#" + encodeURIComponent(tabs[at].dataset.sheet));
  }
}

function select(at, focus) {
  tabs.forEach((tab, index) => {
    tab.setAttribute("aria-selected", String(index === at));
    tab.tabIndex = index === at ? 0 : -1;
    panels[index].hidden = index !== at;
  });
  if (focus) tabs[at].focus();
  if (dashboard) return refresh();
  const panel = panels[at];
  if (!panel.dataset.state) {
    panel.dataset.state = "ready";
    return prepare(panel, [...panel.querySelectorAll("figure.visual")]);
  }
}

tabs.forEach((tab, at) => tab.addEventListener("click", () => {
  remark = "";
  select(at);
}));
document.querySelector("[role=tablist]")?.addEventListener("keydown", (event) => {
  const at = tabs.indexOf(document.activeElement);
  const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key];
  if (at < 0 || to === undefined) return;
  event.preventDefault();
  select((to + tabs.length) % tabs.length, true);
});

document.addEventListener("click", (event) => {
  for (const list of document.querySelectorAll(".many details[open]")) if (!list.contains(event.target)) list.open = false;
  const toggle = event.target.closest(".toggle");
  if (toggle) collapse(toggle.closest("table"), toggle.dataset.group, toggle.getAttribute("aria-expanded") === "true");
  const step = event.target.closest(".drill button");
  if (step && dashboard) ascend(step.closest("figure"), Number(step.dataset.depth));
});

document.addEventListener("change", (event) => {
  const drill = event.target.closest(".drill select");
  if (drill && drill.value && dashboard) descend(drill.closest("figure"), drill.value);
});

document.addEventListener("submit", (event) => event.preventDefault());

function summed(checked, all) {
  if (checked.length === all) return "All";
  return checked.length === 1 ? checked[0] : checked.length + " of " + all;
}

document.addEventListener("input", (event) => {
  const control = event.target.closest(".control");
  if (!control || !dashboard) return;
  const input = event.target;
  const boxes = [...control.querySelectorAll("input[type=checkbox]")];
  const checked = boxes.filter((box) => box.checked).map((box) => box.value);
  const values = boxes.length ? checked : [input.value];
  chosen.delete(input.name);
  (values.length ? values : [""]).forEach((value) => chosen.append(input.name, value));
  const output = control.querySelector("output");
  if (output) output.textContent = input.value;
  const summary = control.querySelector("summary");
  if (summary) summary.textContent = summed(checked, boxes.length);
  refresh();
});

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

if (tabs.length) {
  const name = decoded(location.hash.slice(1));
  const wanted = tabs.findIndex((tab) => tab.dataset.sheet === name);
  if (name && wanted < 0) remark = "There is no sheet " + name + " in this dashboard; this is the first";
  select(Math.max(wanted, 0));
}
