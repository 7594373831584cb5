// The page's own behaviour. Runs once, when the hidden inbox (a gr.HTML) is loaded; `element` is the
// inbox, `watch` tells when its value changed, `server` and `upload` reach the server. What is known of
// an answer arrives in the inbox, each time whole: one .wb-turn for the conversation and, in the end,
// one .wb-group with its sources and whole articles for the side panel. All HTML that is placed here
// came escaped from the server, now or before a reload; texts are only ever set as text.

const root = document.documentElement;
const $ = (selector, from = document) => from.querySelector(selector);
const $$ = (selector, from = document) => [...from.querySelectorAll(selector)];
const narrow = () => matchMedia("(max-width: 900px)").matches;
const calm = () => (matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth");
const kept = {
  get: (name) => { try { return localStorage.getItem(`wenbao.${name}`); } catch { return null; } },
  set: (name, value) => { try { localStorage.setItem(`wenbao.${name}`, value); return true; } catch { return false; } },
};

let turn = "start"; // whose sources are shown
let current = null; // the citation that is open
let sent = ""; // the question that was asked last
let opener = null; // where the focus goes back to
let once = {}; // what the next question is asked with, besides the filters

function group(name = turn) {
  return $(`.wb-group[data-turn="${name}"]`);
}

function make(tag, text, name) {
  const made = document.createElement(tag);
  if (name) made.className = name;
  if (text) made.textContent = text;
  return made;
}

// --- language, light, views ----------------------------------------------------------------------

const SAY = {
  zh: { ask: "提一个问题", wait: "正在查找…", copied: "已复制", thanks: "谢谢，已记下",
        lost: "这个回答已过期，请再问一次", lit: "上一个回答用到的文章", busy: "正在读取…", rule: "看看是怎么读的" },
  en: { ask: "Ask a question", wait: "Reading the articles…", copied: "Copied", thanks: "Thank you, noted",
        lost: "This answer is too old; please ask again", lit: "Articles of the last answer", busy: "Reading…", rule: "How it was read" },
};
const say = (name) => SAY[root.dataset.ui][name];

function setLanguage(language) {
  root.dataset.ui = language;
  const box = $("#wb-question textarea");
  if (box) box.placeholder = say("ask");
}

function setTheme(theme) {
  if (theme) document.body.classList.toggle("dark", theme === "dark");
}

function view(name) {
  root.dataset.view = name;
  $$("[data-view]").filter((b) => b.tagName === "BUTTON").forEach((button) => {
    if (button.dataset.view === name) button.setAttribute("aria-current", "page");
    else button.removeAttribute("aria-current");
  });
  if (name === "library") search();
  if (name === "corpus") drawCorpus();
}

// --- the conversation ---------------------------------------------------------------------------

const filters = () => Object.fromEntries(
  $$("[data-filter]").filter((input) => input.value).map((input) => [input.dataset.filter, input.value]));

// A question leaves: it stands in the conversation at once, and the box is free for the next one.
// Returns what it is asked with: the questions before it, the filters, the name of its turn.
function send(question) {
  settle();
  const before = $$("#wb-turns .wb-turn").map((section) => section.dataset.question);
  const name = [...crypto.getRandomValues(new Uint8Array(4))].map((b) => b.toString(16).padStart(2, "0")).join("");
  const context = { history: before, filters: filters(), turn: name, ...once };
  once = {};
  sent = question;
  fill("");
  if (!question.trim()) return context;
  view("ask");
  const section = make("section", "", "wb-turn is-pending");
  section.dataset.turn = name;
  remember(section, question, context);
  section.append(make("h2", question, "wb-question"), make("p", say("wait"), "wb-wait"));
  $("#wb-turns").append(section);
  root.classList.add("wb-talking");
  reveal(section);
  return context;
}

function remember(section, question, context) {
  section.dataset.question = question;
  section.dataset.context = JSON.stringify(context);
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
  const section = $(".wb-turn", element);
  if (!section) {
    if ($("[data-failed]", element)) settle();
    return;
  }
  const name = section.dataset.turn;
  const there = $(`#wb-turns .wb-turn[data-turn="${name}"]`);
  if (there) {
    section.dataset.question = there.dataset.question;
    section.dataset.context = there.dataset.context;
    const held = there.contains(document.activeElement) ? document.activeElement.dataset.cite : null;
    there.replaceWith(section);
    if (held) $(`[data-cite="${held}"]`, section)?.focus();
  } else {
    remember(section, $(".wb-question", section).textContent, {});
    $("#wb-turns").append(section);
  }
  root.classList.add("wb-talking");
  drawGloss();
  const sources = $(".wb-group", element);
  if (sources) {
    $("#wb-groups").append(sources);
    if (turn === name) return; // its answer was opened before
    if (!root.classList.contains("wb-reading")) show(name);
    else sources.hidden = true;
    save();
  }
}

function clear() {
  $("#wb-turns").replaceChildren();
  $("#wb-groups").replaceChildren();
  root.classList.remove("wb-talking");
  $("#wb-notice .wb-notice")?.remove();
  history.replaceState(null, "", location.pathname + location.search);
  show("start");
  save();
  $("#wb-question textarea")?.focus();
}

function ask(question, options = {}) {
  once = options;
  fill(question);
  setTimeout(() => $("#wb-send").click(), 30);
}

// Asks a turn's question again without a reading of it that was not meant.
function drop(section, what) {
  const before = JSON.parse(section.dataset.context || "{}");
  const options = { history: before.history ?? [], filters: before.filters ?? {} };
  if (before.read_dates === false || what === "dates") options.read_dates = false;
  if (what === "carried") options.history = [];
  ask(section.dataset.question, options);
}

// --- what stays over a reload -------------------------------------------------------------------

const TURNS = 20;
const bed = () => `chat.${root.dataset.user || ""}`;

function save() {
  let turns = $$("#wb-turns .wb-turn:not(.is-pending)").slice(-TURNS);
  for (;;) {
    const stored = turns.map((section) => [section.outerHTML, group(section.dataset.turn)?.outerHTML ?? ""]);
    if (kept.set(bed(), JSON.stringify(stored)) || !turns.length) return;
    turns = turns.slice(1); // no room: the oldest goes
  }
}

function restore() {
  let stored = [];
  try { stored = JSON.parse(kept.get(bed()) ?? "[]"); } catch { return; }
  for (const [section, sources] of stored) {
    $("#wb-turns").insertAdjacentHTML("beforeend", section);
    $("#wb-groups").insertAdjacentHTML("beforeend", sources);
  }
  if (!stored.length) return;
  root.classList.add("wb-talking");
  drawGloss();
  show($("#wb-turns").lastElementChild.dataset.turn);
}

// A link holds the question and what it was asked with, after the #, which no server sees.
function linkTo(section) {
  const { history: before, filters: chosen } = JSON.parse(section.dataset.context || "{}");
  const parts = new URLSearchParams({ q: section.dataset.question });
  (before ?? []).forEach((question) => parts.append("after", question));
  Object.entries(chosen ?? {}).forEach(([name, value]) => parts.append(name, value));
  return `${location.origin}${location.pathname}#${parts}`;
}

function follow() {
  const parts = new URLSearchParams(location.hash.slice(1));
  const question = parts.get("q");
  if (!question) return false;
  const chosen = {};
  for (const name of ["date_from", "date_to", "source", "language"]) if (parts.get(name)) chosen[name] = parts.get(name);
  ask(question, { history: parts.getAll("after"), filters: chosen });
  return true;
}

// --- copy and judge -----------------------------------------------------------------------------

async function copy(text, told) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const box = make("textarea", text);
    document.body.append(box);
    box.select();
    document.execCommand("copy");
    box.remove();
  }
  if (told) told.textContent = say("copied");
}

async function judge(section, verdict, comment) {
  const told = $(".wb-said", section);
  const known = await server.judge({ turn: section.dataset.turn, verdict, comment });
  told.textContent = say(known ? "thanks" : "lost");
  $$("[data-judge]", section).forEach((button) =>
    button.setAttribute("aria-pressed", String(known && Number(button.dataset.judge) === verdict)));
  const form = $(".wb-comment", section);
  form.hidden = !known || comment !== "";
  form.dataset.verdict = verdict;
  if (!form.hidden) $("input", form).focus();
  save();
}

// --- the quote beside its number ----------------------------------------------------------------

const tip = make("div", "", "wb-tip");
tip.id = "wb-tip";
tip.setAttribute("role", "tooltip");
tip.hidden = true;

function showTip(button) {
  const name = button.closest("[data-turn]")?.dataset.turn;
  const number = button.dataset.cite;
  const home = $(`#wb-turns .wb-turn[data-turn="${name}"]`);
  const quote = home && $(`.wb-quote [data-cite="${number}"]`, home)?.closest("blockquote");
  if (!quote) return;
  const story = quote.closest(".wb-story");
  const text = quote.textContent.replace(`[${number}]`, "").trim();
  const said = make("q", text.length > 220 ? `${text.slice(0, 220)}…` : text);
  said.lang = quote.lang;
  tip.replaceChildren(said, make("b", $("h3", story).textContent), make("small", $(".wb-meta", story).textContent));
  tip.hidden = false;
  const at = button.getBoundingClientRect();
  const size = tip.getBoundingClientRect();
  tip.style.left = `${Math.max(8, Math.min(at.left, innerWidth - size.width - 8))}px`;
  tip.style.top = `${at.bottom + size.height + 12 < innerHeight ? at.bottom + 6 : Math.max(8, at.top - size.height - 6)}px`;
  button.setAttribute("aria-describedby", "wb-tip");
}

function hideTip() {
  tip.hidden = true;
  $$("[aria-describedby='wb-tip']").forEach((button) => button.removeAttribute("aria-describedby"));
}

// --- the library --------------------------------------------------------------------------------

let asked = 0; // the last search that was sent

async function search() {
  const mine = ++asked;
  const html = await server.shelf($("#wb-search").value);
  if (mine === asked) $("#wb-shelf").innerHTML = html;
}

// An article that no answer brought: fetched, shown in the side panel.
async function fetchArticle(id) {
  const html = await server.article(id);
  group("open")?.remove();
  const section = make("section", "", "wb-group");
  section.dataset.turn = "open";
  section.innerHTML = html;
  $("#wb-groups").append(section);
  back.to = turn === "open" ? back.to : turn;
  show("open");
  const reader = $(".wb-reader", section);
  if (reader) open(reader, []);
  if (narrow()) $("#wb-side").scrollIntoView({ behavior: calm() });
}

async function add(files) {
  const told = $("#wb-added");
  told.textContent = say("busy");
  const sent = [];
  for (const file of files) sent.push({ name: file.name, path: (await upload(file)).path });
  told.innerHTML = await server.add(sent);
}

async function rebuild() {
  const told = $("#wb-rebuild");
  told.innerHTML = await server.rebuild();
  for (;;) {
    const state = await server.progress();
    told.innerHTML = state.html;
    if (state.finished) {
      if (state.masthead) $(".wb-folio").outerHTML = $(".wb-folio", new DOMParser().parseFromString(state.masthead, "text/html")).outerHTML;
      drawn = false;
      return search();
    }
    await new Promise((done) => setTimeout(done, 300));
  }
}

// How a document was read, in a frame where nothing runs.
async function inspect(button) {
  const reader = button.closest(".wb-reader");
  const there = $(".wb-inspection", reader);
  if (there) return there.remove();
  const frame = make("iframe", "", "wb-inspection");
  frame.title = say("rule");
  frame.setAttribute("sandbox", "");
  frame.srcdoc = await server.inspect(button.dataset.inspect);
  $("header", reader).after(frame);
}

// --- the corpus ---------------------------------------------------------------------------------

let drawn = false;

async function drawCorpus() {
  const place = $("#wb-pictures");
  if (!drawn) {
    drawn = true;
    place.innerHTML = await server.corpus();
  }
  const last = $$("#wb-turns .wb-turn").pop();
  const cards = last ? $$(".wb-card[data-article]", group(last.dataset.turn) ?? document.createElement("i")) : [];
  const lit = new Map(cards.map((card) => [card.dataset.article, $("h3", card).textContent]));
  $$("[data-dot]", place).forEach((dot) => dot.classList.toggle("is-lit", lit.has(dot.dataset.dot)));
  $$("[data-dot].is-lit", place).forEach((dot) => dot.parentNode.append(dot)); // above the others
  $$("[data-ids]", place).forEach((bar) =>
    bar.classList.toggle("is-lit", bar.dataset.ids.split(" ").some((id) => lit.has(id))));
  const list = make("ul", "", "wb-lit");
  for (const [id, title] of lit) {
    const item = make("li");
    const button = make("button", title);
    button.type = "button";
    button.dataset.fetch = id;
    item.append(button);
    list.append(item);
  }
  $("#wb-lit")?.replaceChildren(...(lit.size ? [make("h3", say("lit")), list] : []));
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
  const list = $(".wb-list", panel);
  if (list) list.hidden = true;
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
  if (turn === "open") {
    show(back.to ?? "start");
    group("open")?.remove();
  } else close();
  if (opener?.isConnected) opener.focus({ preventScroll: !narrow() });
}

// --- the reading aid ----------------------------------------------------------------------------

function drawGloss() {
  const on = !root.classList.contains("wb-no-gloss");
  $$("[data-gloss-toggle]").forEach((button) => button.setAttribute("aria-pressed", String(on)));
}

// --- one listener each --------------------------------------------------------------------------

document.addEventListener("click", (event) => {
  const dot = event.target.closest("circle[data-fetch]");
  if (dot) return fetchArticle(dot.dataset.fetch);
  const button = event.target.closest("button");
  if (!button) return;
  const data = button.dataset;
  const home = button.closest("[data-turn]");
  const opens = "cite" in data || "hit" in data || "open" in data;
  if (opens && home) {
    hideTip();
    if (!button.closest(".wb-reader")) opener = button;
    if (home.dataset.turn !== turn) show(home.dataset.turn);
  }
  if ("cite" in data) openCitation(Number(data.cite));
  else if ("hit" in data) openHit(Number(data.hit));
  else if ("open" in data) openArticle(Number(data.open));
  else if ("fetch" in data) { opener = button; fetchArticle(data.fetch); }
  else if ("step" in data) step(Number(data.step));
  else if ("back" in data) back();
  else if ("story" in data) {
    $$(".wb-story", home)[data.story].scrollIntoView({ block: "start", behavior: calm() });
  } else if ("sources" in data) {
    show(home.dataset.turn);
    if (narrow()) $("#wb-side").scrollIntoView({ behavior: calm() });
  } else if ("ask" in data) ask(data.ask);
  else if ("drop" in data) drop(home, data.drop);
  else if ("copy" in data) copy($(`[data-text="${data.copy}"]`, home).textContent, $(".wb-said", home));
  else if ("link" in data) copy(linkTo(home), $(".wb-said", home));
  else if ("judge" in data) judge(home, Number(data.judge), "");
  else if (button.id === "wb-new") clear();
  else if ("export" in data) exportChat();
  else if ("view" in data) view(data.view);
  else if ("rebuild" in data) rebuild();
  else if ("inspect" in data) inspect(button);
  else if ("unfilter" in data) { $$("[data-filter]").forEach((input) => (input.value = "")); drawFilters(); }
  else if ("language" in data) {
    setLanguage(root.dataset.ui === "zh" ? "en" : "zh");
    kept.set("language", root.dataset.ui);
  } else if ("theme" in data) {
    const theme = document.body.classList.contains("dark") ? "light" : "dark";
    setTheme(theme);
    kept.set("theme", theme);
  } else if ("glossToggle" in data) {
    root.classList.toggle("wb-no-gloss");
    drawGloss();
  }
});

document.addEventListener("submit", (event) => {
  if (!event.target.matches(".wb-comment")) return;
  event.preventDefault();
  judge(event.target.closest(".wb-turn"), Number(event.target.dataset.verdict), $("input", event.target).value.trim());
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  if (!tip.hidden) hideTip();
  else if (root.classList.contains("wb-reading")) back();
});

for (const [enter, leave] of [["mouseover", "mouseout"], ["focusin", "focusout"]]) {
  document.addEventListener(enter, (event) => {
    const button = event.target.closest?.("button.wb-cite");
    if (button && (enter === "mouseover" || button.matches(":focus-visible"))) showTip(button);
  });
  document.addEventListener(leave, (event) => { if (event.target.closest?.("button.wb-cite")) hideTip(); });
}

document.addEventListener("input", (event) => { if (event.target.id === "wb-search") search(); });
document.addEventListener("change", (event) => {
  if (event.target.id === "wb-files") add([...event.target.files]);
  if (event.target.matches?.("[data-filter]")) drawFilters();
});
for (const name of ["dragover", "drop"]) {
  document.addEventListener(name, (event) => {
    const zone = event.target.closest?.("#wb-drop");
    if (!zone) return;
    event.preventDefault();
    if (name === "drop") add([...event.dataTransfer.files]);
  });
}

function drawFilters() {
  const chosen = Object.values(filters());
  const place = $(".wb-filtered");
  if (place) place.textContent = chosen.length ? `: ${chosen.join(", ")}` : "";
}

// The whole conversation as one Markdown file: what each answer's own Markdown says, in order.
function exportChat() {
  const text = $$("#wb-turns .wb-turn:has([data-text])")
    .map((section) => `## ${section.dataset.question.replace(/\s+/g, " ")}\n\n${$("[data-text='markdown']", section).textContent}`)
    .join("\n\n---\n\n");
  const file = make("a");
  file.href = URL.createObjectURL(new Blob([text + "\n"], { type: "text/markdown" }));
  file.download = "wenbao.md";
  file.click();
  URL.revokeObjectURL(file.href);
}

window.wenbao = { send, giveBack };
watch("value", deliver);
document.body.append(tip);
setLanguage(root.dataset.ui); // chosen in the head, before anything was painted
setTheme(kept.get("theme"));
view("ask");
server.who().then((user) => {
  root.dataset.user = user;
  setLanguage(root.dataset.ui); // once more: all parts of the page are there now
  restore();
  if (!follow() && !narrow()) $("#wb-question textarea")?.focus();
});
