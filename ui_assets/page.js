// The page's own behaviour. Runs once, when the hidden inbox (a gr.HTML) is loaded; `element` is the
// inbox and `watch` tells when its value changed. An answer arrives there complete: one .wb-turn for
// the conversation and one .wb-group with its sources and whole articles for the side panel. All
// text in it was escaped by the server and is only ever moved here, never parsed again.

const root = document.documentElement;
const $ = (selector, from = document) => from.querySelector(selector);
const $$ = (selector, from = document) => [...from.querySelectorAll(selector)];
const narrow = () => matchMedia("(max-width: 900px)").matches;
const calm = () => (matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth");

let turn = "start"; // whose sources are shown
let current = null; // the citation that is open
let sent = ""; // the question that was asked last
let opener = null; // where the focus goes back to

function group(name = turn) {
  return $(`.wb-group[data-turn="${name}"]`);
}

// --- the conversation ---------------------------------------------------------------------------

// A question leaves: it stands in the conversation at once, and the box is free for the next one.
// Returns the questions before it.
function send(question) {
  settle();
  const before = $$("#wb-turns .wb-question").map((title) => title.textContent);
  sent = question;
  fill("");
  if (!question.trim()) return before;
  const section = document.createElement("section");
  section.className = "wb-turn is-pending";
  const title = document.createElement("h2");
  title.className = "wb-question";
  title.textContent = question;
  const wait = document.createElement("p");
  wait.className = "wb-wait";
  wait.textContent = "正在查找… Reading the articles…";
  section.append(title, wait);
  $("#wb-turns").append(section);
  root.classList.add("wb-talking");
  reveal(section);
  return before;
}

function fill(text) {
  const box = $("#wb-question textarea");
  box.value = text;
  box.dispatchEvent(new Event("input", { bubbles: true }));
}

function giveBack() {
  settle();
  fill(sent);
}

function settle() {
  $$(".wb-turn.is-pending").forEach((section) => section.remove());
  root.classList.toggle("wb-talking", $("#wb-turns").childElementCount > 0);
}

function reveal(section) {
  const box = $("#wb-scroll");
  if (narrow()) section.scrollIntoView({ block: "start", behavior: calm() });
  else box.scrollTo({ top: section.offsetTop - box.offsetTop, behavior: calm() });
}

function deliver() {
  settle();
  const section = $(".wb-turn", element);
  if (!section) return;
  $("#wb-turns").append(section);
  $("#wb-groups").append($(".wb-group", element));
  root.classList.add("wb-talking");
  drawGloss();
  show(section.dataset.turn);
  reveal(section);
}

function clear() {
  $("#wb-turns").replaceChildren();
  $("#wb-groups").replaceChildren();
  root.classList.remove("wb-talking");
  show("start");
  $("#wb-question textarea")?.focus();
}

function ask(question) {
  fill(question);
  setTimeout(() => $("#wb-send").click(), 30);
}

// --- the side panel -----------------------------------------------------------------------------

function show(name) {
  turn = name;
  current = null;
  $$(".wb-group").forEach((g) => (g.hidden = g.dataset.turn !== name));
  close();
}

function close() {
  root.classList.remove("wb-reading");
  const panel = group();
  if (!panel) return;
  $$(".wb-reader", panel).forEach((reader) => (reader.hidden = true));
  const list = $(".wb-list", panel);
  if (list) list.hidden = false;
  $$(".wb-cite.is-open").forEach((button) => button.classList.remove("is-open"));
  $("#wb-side").scrollTop = 0;
}

function open(reader, marks) {
  const panel = group();
  $(".wb-list", panel).hidden = true;
  $$(".wb-reader", panel).forEach((other) => (other.hidden = other !== reader));
  $$("mark.is-current", panel).forEach((mark) => mark.classList.remove("is-current"));
  marks.forEach((mark) => mark.classList.add("is-current"));
  root.classList.add("wb-reading");
  const side = $("#wb-side");
  side.scrollTop = 0;
  const top = side.getBoundingClientRect().top;
  const at = marks.length ? marks[0].getBoundingClientRect().top - top : 0;
  // keep the headline in sight where the passage is too; else put the passage in the upper third
  if (at > side.clientHeight * 0.55) side.scrollTop = at - side.clientHeight * 0.3;
  reader.focus({ preventScroll: true });
}

function openCitation(number) {
  const panel = group();
  const marks = $$(`mark[data-cites~="${number}"]`, panel);
  if (!marks.length) return;
  current = number;
  const reader = marks[0].closest(".wb-reader");
  open(reader, marks);
  const all = citations();
  $(".wb-where", reader).textContent = `[${number}] / ${all.length}`;
  $$("[data-step]", reader).forEach((button) => {
    button.disabled = all[all.indexOf(number) + Number(button.dataset.step)] === undefined;
  });
  $$(".wb-cite").forEach((button) => {
    const here = button.closest("[data-turn]")?.dataset.turn === turn;
    button.classList.toggle("is-open", here && Number(button.dataset.cite) === number);
  });
}

function openHit(number) {
  const marks = $$(`mark[data-hits~="${number}"]`, group());
  if (!marks.length) return;
  current = null;
  stranded(marks[0].closest(".wb-reader"));
  open(marks[0].closest(".wb-reader"), marks);
}

function openArticle(number) {
  const reader = $(`.wb-reader[data-reader="${number}"]`, group());
  current = null;
  stranded(reader);
  open(reader, []);
}

// An article opened without a citation: "next" leads to the first one.
function stranded(reader) {
  const where = $(".wb-where", reader);
  if (where) where.textContent = `[–] / ${citations().length}`;
  $$("[data-step]", reader).forEach((button) => (button.disabled = button.dataset.step === "-1"));
}

function citations() {
  const numbers = $$("mark[data-cites]", group()).flatMap((m) => m.dataset.cites.split(" "));
  return [...new Set(numbers.map(Number))].sort((a, b) => a - b);
}

function step(by) {
  const all = citations();
  const next = current === null ? all[0] : all[all.indexOf(current) + by];
  if (next !== undefined) openCitation(next);
}

function back() {
  close();
  if (opener?.isConnected) opener.focus({ preventScroll: !narrow() });
}

// --- the reading aid ----------------------------------------------------------------------------

function drawGloss() {
  const on = !root.classList.contains("wb-no-gloss");
  $$("[data-gloss-toggle]").forEach((button) => button.setAttribute("aria-pressed", String(on)));
}

// --- one listener each --------------------------------------------------------------------------

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  const data = button.dataset;
  const home = button.closest("[data-turn]");
  const opens = "cite" in data || "hit" in data || "open" in data;
  if (opens && home) {
    if (!button.closest(".wb-reader")) opener = button;
    if (home.dataset.turn !== turn) show(home.dataset.turn);
  }
  if ("cite" in data) openCitation(Number(data.cite));
  else if ("hit" in data) openHit(Number(data.hit));
  else if ("open" in data) openArticle(Number(data.open));
  else if ("step" in data) step(Number(data.step));
  else if ("back" in data) back();
  else if ("story" in data) {
    $$(".wb-story", home)[data.story].scrollIntoView({ block: "start", behavior: calm() });
  } else if ("sources" in data) {
    show(home.dataset.turn);
    if (narrow()) $("#wb-side").scrollIntoView({ behavior: calm() });
  } else if ("ask" in data) ask(data.ask);
  else if ("glossToggle" in data) {
    root.classList.toggle("wb-no-gloss");
    drawGloss();
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && root.classList.contains("wb-reading")) back();
});

window.wenbao = { send, giveBack, clear };
watch("value", deliver);
if (!narrow()) requestAnimationFrame(() => $("#wb-question textarea")?.focus());
