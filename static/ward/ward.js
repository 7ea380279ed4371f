// The nurse lens and the board: keys, windows, and what is new put in place without moving what is read.
(() => {
  "use strict";
  const notices = window.VisitLens?.notices;
  const mine = document.body.dataset.ctx || "";
  const lens = document.getElementById("lens");
  const SOON = 400, LATER = 1500, WAITS = [2000, 5000, 10000, 30000];
  let failures = 0, timer = 0, asked = 0;

  function focusPath() {
    const active = document.activeElement;
    return active && active.id && lens?.contains(active) ? active.id : "";
  }

  function put(html) {
    const focused = focusPath();
    const open = Array.from(lens.querySelectorAll("details[open][data-k]"), (each) => each.dataset.k);
    const holder = document.createElement("template");
    holder.innerHTML = html;
    const watch = holder.content.querySelector("#watch");
    if (!watch) return;
    for (const key of open) holder.content.querySelector(`details[data-k="${CSS.escape(key)}"]`)?.setAttribute("open", "");
    const top = window.scrollY;
    lens.replaceChildren(holder.content);
    window.scrollTo(0, top);
    if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
    if (watch.dataset.complete === "yes") document.documentElement.dataset.summary = "complete";
    else delete document.documentElement.dataset.summary;
    document.title = watch.dataset.title || document.title;
  }

  async function ask(url) {
    const answer = await fetch(url, { headers: { "HX-Request": "true" }, credentials: "same-origin" });
    if (answer.status === 401 || answer.status === 409 || answer.status === 404) location.reload();
    else if (answer.status === 200 && answer.headers.get("X-Ctx") !== mine) location.reload();
    else if (answer.status !== 200 && answer.status !== 204) throw new Error(String(answer.status));
    return answer.status === 200 ? answer.text() : "";
  }

  async function look() {
    const watch = document.getElementById("watch"), turn = ++asked;
    if (!watch || document.hidden) return again(LATER);
    try {
      const html = await ask(watch.dataset.url);
      if (turn !== asked) return undefined; // another window was chosen meanwhile
      if (html) put(html);
      failures = 0;
      notices?.hide("lost");
      again(document.getElementById("watch")?.dataset.complete === "yes" ? LATER : SOON);
    } catch (error) { // no answer: said, and tried again ever more slowly
      notices?.show("lost", `No answer from Visit Lens. This page is as of ${document.querySelector(".asof")?.textContent || "?"}`);
      again(WAITS[Math.min(failures++, WAITS.length - 1)]);
    }
    return undefined;
  }

  function again(delay) {
    clearTimeout(timer);
    timer = setTimeout(look, delay);
  }

  document.addEventListener("click", async (event) => {
    const link = event.target.closest("a[data-window]");
    if (!link || event.metaKey || event.ctrlKey || event.shiftKey || !lens) return;
    event.preventDefault();
    clearTimeout(timer);
    asked += 1;
    try {
      const html = await ask(link.href);
      if (html) put(html);
      document.getElementById(link.id)?.focus({ preventScroll: true });
      again(LATER);
    } catch (error) {
      location.assign(link.href);
    }
  });

  if (lens) again(document.getElementById("watch")?.dataset.complete === "yes" ? LATER : SOON);
})();

// The board: values are put in place as they come; a line moves only after the board has said so.
(() => {
  "use strict";
  const notices = window.VisitLens?.notices;
  const board = document.getElementById("board");
  if (!board) return;
  const SOON = 1500, MINUTE = 30000, WAITS = [5000, 15000, 30000, 60000];
  let failures = 0, held = null, first = true;

  const order = (root) => Array.from(root.querySelectorAll(".ward-line"), (line) => line.dataset.k).join();

  function parse(html) {
    const holder = document.createElement("template");
    holder.innerHTML = html;
    return holder.content;
  }

  function replaceAll(content) {
    const open = board.querySelector("details[data-k=picker]")?.open;
    const picker = open ? board.querySelector("details[data-k=picker]") : null;
    const active = document.activeElement?.closest(".ward-line")?.id;
    board.replaceChildren(content);
    if (picker) board.querySelector("details[data-k=picker]").replaceWith(picker); // what is being picked stays
    if (active) document.getElementById(active)?.querySelector("button")?.focus({ preventScroll: true });
    held = null;
    notices?.hide("order");
  }

  function inPlace(content) {
    for (const fresh of Array.from(content.querySelectorAll(".ward-line"))) {
      const old = document.getElementById(fresh.id);
      if (old && old.outerHTML !== fresh.outerHTML && !old.contains(document.activeElement)) old.replaceWith(fresh.cloneNode(true));
    }
    const bar = content.querySelector(".board-bar"), watch = content.querySelector("#watch-board");
    if (bar) board.querySelector(".board-bar").replaceWith(bar.cloneNode(true));
    for (const part of [".left-out", ".board-foot"]) {
      const old = board.querySelector(part), fresh = content.querySelector(part);
      if (old && fresh && old.outerHTML !== fresh.outerHTML && !old.contains(document.activeElement)) old.replaceWith(fresh.cloneNode(true));
    }
    if (watch) board.querySelector("#watch-board").replaceWith(watch.cloneNode(true));
  }

  function take(html) {
    const content = parse(html);
    if (!content.querySelector("#watch-board")) return;
    const asking = board.querySelector("#watch-board")?.dataset.asking === "yes";
    if (order(content) === order(board) || (first && asking)) replaceAll(content);
    else {
      held = html;
      inPlace(content);
      notices?.show("order", "The order changed.", { words: "Show", run: () => replaceAll(parse(held)) });
    }
    if (board.querySelector("#watch-board")?.dataset.asking === "no") first = false;
  }

  async function look() {
    const watch = board.querySelector("#watch-board");
    if (!watch || document.hidden) return again(SOON);
    try {
      const answer = await fetch(watch.dataset.url, { headers: { "HX-Request": "true" }, credentials: "same-origin" });
      if (answer.status === 401 || answer.status === 404) return location.reload();
      if (!answer.ok) throw new Error(String(answer.status));
      take(await answer.text());
      failures = 0;
      notices?.hide("lost");
      again(board.querySelector("#watch-board")?.dataset.asking === "yes" ? SOON : MINUTE);
    } catch (error) { // no answer: said, and tried again ever more slowly
      notices?.show("lost", `No answer from Visit Lens. ${board.querySelector(".asof")?.textContent || ""}`);
      again(WAITS[Math.min(failures++, WAITS.length - 1)]);
    }
    return undefined;
  }

  function again(delay) {
    setTimeout(look, delay);
  }

  again(board.querySelector("#watch-board")?.dataset.asking === "yes" ? SOON : MINUTE);
})();
