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
let busy = ""; // the turn whose answer is awaited
let wanted = null; // a button of it that was pressed before its sources came

function group(name = turn) {
  return $(`.wb-group[data-turn="${name}"]`);
}

// Asks the server; null, and a line in `place`, where it does not reply.
async function call(name, value, place) {
  const reply = await server[name](value ?? null);
  if (reply === undefined && place) place.textContent = say("silent");
  return reply ?? null;
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
        lost: "这个回答已过期，请再问一次", lit: "上一个回答用到的文章", busy: "正在读取…", rule: "查看读取过程",
        silent: "服务器没有回应", large: "文件太大，没有上传", gone: "文件已不在" },
  en: { ask: "Ask a question", wait: "Reading the articles…", copied: "Copied", thanks: "Thank you, noted",
        lost: "This answer is too old; please ask again", lit: "Articles of the last answer", busy: "Reading…", rule: "How it was read",
        silent: "No reply from the server", large: "The file is too large and was not sent", gone: "The file is no longer there" },
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

// Gradio has drawn the page and listens; before that, it hears no press of its buttons.
let ready;
const loaded = new Promise((resolve) => { ready = () => { redraw(); resolve(); }; });

// Once more what Gradio undid when it drew a part of the page anew.
function redraw() {
  setLanguage(root.dataset.ui);
  drawView();
  $$(".wb-group").forEach((g) => (g.hidden = g.dataset.turn !== turn));
  drawFilters();
}

function drawView() {
  const name = root.dataset.view;
  $$("[data-view]").filter((b) => b.tagName === "BUTTON").forEach((button) => {
    if (button.dataset.view === name) button.setAttribute("aria-current", "page");
    else button.removeAttribute("aria-current");
  });
}

function view(name) {
  root.dataset.view = name;
  drawView();
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
  const before = $$("#wb-turns .wb-turn").map((section) => section.dataset.question).slice(-10);
  const name = [...crypto.getRandomValues(new Uint8Array(4))].map((b) => b.toString(16).padStart(2, "0")).join("");
  const context = { history: before, filters: filters(), turn: name, ...once };
  once = {};
  sent = question;
  fill("");
  if (!question.trim()) return context;
  view("ask");
  busy = name;
  $("#wb-turns").setAttribute("aria-busy", "true");
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

// The answer is there, or it will not come.
function done() {
  busy = "";
  wanted = null;
  $("#wb-turns").removeAttribute("aria-busy");
  redraw();
}

function giveBack() {
  settle();
  done();
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
  if (!there) return; // a new chat was begun meanwhile
  section.dataset.question = there.dataset.question;
  section.dataset.context = there.dataset.context;
  const held = there.contains(document.activeElement) ? document.activeElement.dataset.cite : null;
  there.replaceWith(section);
  if (held) $(`[data-cite="${held}"]`, section)?.focus();
  drawGloss();
  if (!$(".wb-tools", section)) return; // more is to come
  const sources = $(".wb-group", element) ?? make("section", "", "wb-group");
  sources.dataset.turn = name;
  sources.hidden = true;
  $("#wb-groups").append(sources);
  if (!root.classList.contains("wb-reading")) show(name);
  if (wanted) $$(wanted, section)[0]?.click();
  save();
}

function clear() {
  view("ask");
  wanted = null;
  $("#wb-turns").replaceChildren();
  $("#wb-groups").replaceChildren();
  root.classList.remove("wb-talking");
  $("#wb-notice .wb-notice")?.remove();
  history.replaceState(null, "", location.pathname + location.search);
  show("start");
  save();
  $("#wb-question textarea")?.focus();
}

async function ask(question, options = {}) {
  await loaded;
  if (busy) return;
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
  const { history: before, filters: chosen, read_dates: dates } = JSON.parse(section.dataset.context || "{}");
  const parts = new URLSearchParams({ q: section.dataset.question });
  (before ?? []).forEach((question) => parts.append("after", question));
  Object.entries(chosen ?? {}).forEach(([name, value]) => parts.append(name, value));
  if (dates === false) parts.append("dates", "off");
  return `${location.origin}${location.pathname}#${parts}`;
}

function follow() {
  const parts = new URLSearchParams(location.hash.slice(1));
  const question = parts.get("q");
  if (!question) return false;
  history.replaceState(null, "", location.pathname + location.search); // asked once, not at each reload
  const chosen = {};
  for (const input of $$("[data-filter]")) {
    const value = parts.get(input.dataset.filter) ?? "";
    if (value && input.tagName === "SELECT" && ![...input.options].some((o) => o.value === value)) input.add(new Option(value, value));
    input.value = value;
    if (input.value) chosen[input.dataset.filter] = input.value;
  }
  drawFilters();
  const options = { history: parts.getAll("after"), filters: chosen };
  if (parts.get("dates") === "off") options.read_dates = false;
  ask(question, options);
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
  const known = await call("judge", { turn: section.dataset.turn, verdict, comment: comment ?? "" }, told);
  if (known === null) return;
  if (typeof known === "string") told.innerHTML = known; // what went wrong
  else told.textContent = say(known ? "thanks" : "lost");
  $$("[data-judge]", section).forEach((button) =>
    button.setAttribute("aria-pressed", String(known === true && Number(button.dataset.judge) === verdict)));
  const form = $(".wb-comment", section);
  form.hidden = known !== true || verdict > 0 || comment !== null;
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
  const html = await call("shelf", $("#wb-search").value, $("#wb-shelf"));
  if (mine === asked && html !== null) $("#wb-shelf").innerHTML = html;
}

let fetched = 0; // the last article that was asked for

// A line that stands above what the side panel shows.
function tell(section) {
  $("#wb-side .wb-told")?.remove();
  section.className = "wb-told";
  delete section.dataset.turn;
  $("#wb-side").prepend(section);
  setTimeout(() => section.remove(), 6000);
}

// An article that no answer brought: fetched, shown in the side panel.
async function fetchArticle(id) {
  const mine = ++fetched;
  const html = await call("article", id);
  if (mine !== fetched || html === null) return;
  const section = make("section", "", "wb-group");
  section.dataset.turn = "open";
  section.innerHTML = html;
  if (!$(".wb-reader", section)) return tell(section);
  group("open")?.remove();
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
  const refused = make("ul", "", "wb-added");
  for (const file of files) {
    try {
      sent.push({ name: file.name, path: (await upload(file)).path });
    } catch {
      refused.append(make("li", `${file.name}: ${say("large")}`, "is-refused"));
    }
  }
  const html = await call("add", sent, told);
  if (html !== null) told.innerHTML = html;
  if (refused.childElementCount) told.append(refused);
  $("#wb-files").value = "";
}

async function rebuild() {
  const told = $("#wb-rebuild");
  const begun = await call("rebuild", null, told);
  if (begun) told.innerHTML = begun.html;
  while (begun?.started) {
    const state = await call("progress", null, told);
    if (!state) return;
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
  $("header", reader).after(frame);
  const html = await call("inspect", button.dataset.inspect);
  if (html) frame.srcdoc = html;
  else frame.replaceWith(make("p", say(html === null ? "silent" : "gone"), "wb-inspection"));
}

// --- the corpus ---------------------------------------------------------------------------------

let drawn = false;

async function drawCorpus() {
  const place = $("#wb-pictures");
  if (!drawn) {
    const html = await call("corpus", null, place);
    if (html === null) return;
    drawn = true;
    place.innerHTML = html;
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

const behind = ["#wb-top", "#wb-talk", "#wb-library", "#wb-corpus"]; // what a phone's open article covers

function close() {
  root.classList.remove("wb-reading");
  behind.forEach((part) => { const found = $(part); if (found) found.inert = false; });
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
  behind.forEach((part) => { const found = $(part); if (found) found.inert = narrow(); });
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
  const opens = "cite" in data || "hit" in data || "open" in data || "sources" in data;
  if (opens && home && !group(home.dataset.turn)) { // its sources are still to come
    const [name, value] = Object.entries(data).find(([key]) => ["cite", "hit", "open", "sources"].includes(key));
    wanted = value ? `[data-${name}="${value}"]` : `[data-${name}]`;
    return;
  }
  if (opens && home && !("sources" in data)) {
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
  else if ("judge" in data) judge(home, Number(data.judge), null);
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
  if (event.key !== "Escape" || event.isComposing) return;
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

window.wenbao = { send, giveBack, done, ready };
addEventListener("hashchange", follow);
watch("value", deliver);
document.body.append(tip);
setLanguage(root.dataset.ui); // chosen in the head, before anything was painted
setTheme(kept.get("theme"));
view("ask");
call("who").then((user) => {
  root.dataset.user = user ?? "";
  restore();
  return loaded; // the filters that a link names are drawn by then
}).then(() => {
  if (!follow() && !narrow()) $("#wb-question textarea")?.focus();
});
