// Keeps a chart up to date. The server sends the whole chart; only pieces that changed are put in place, so that focus,
// scroll, open rows and open groups stay. A section that was read is not reordered under the reader's eyes.
(() => {
  "use strict";
  const lens = window.VisitLens;
  const chart = document.getElementById("chart");
  if (!chart || !window.htmx) return;
  const READ_AFTER = 3000; // ms on screen, after which a section counts as read
  const HTMX = "[hx-get], [hx-post]", HEAD = "#strip, #safety, #visit, #brief";
  const SLOW = 30000, SOON = 300, WAITS = [2000, 5000, 10000, 30000];
  const began = performance.now();
  const known = new Map(); // id -> the piece as the server sent it last
  const held = new Map(); // id -> a newer piece that waits for the reader
  let reshaped = ""; // the newest page with other sections, or in another order, that waits for the reader; "" = none
  let room; // height that the safety line began with, CSS px
  let failures = 0, timer = 0, asked = "", placed = Promise.resolve();

  const pieces = (root) => root.querySelectorAll("[data-part]");
  const mine = () => document.body.dataset.ctx;
  const rowKeys = (root) => Array.from(root.querySelectorAll(":scope > .rows > [data-k], :scope > .lab [data-k]"), (row) => row.dataset.k);

  function parse(html) {
    const holder = document.createElement("template");
    holder.innerHTML = html;
    return holder.content;
  }

  // Rows that are already there keep their order and nothing new stands before one of them.
  function onlyAddsBelow(before, after) {
    const old = rowKeys(before);
    return rowKeys(after).slice(0, old.length).join() === old.join();
  }

  function mayReplace(old, fresh) {
    if (!old.classList.contains("block") || old.classList.contains("asking")) return true;
    return performance.now() - began < READ_AFTER || onlyAddsBelow(old, fresh);
  }

  const placeOf = (block) => [block.parentElement.className, ...Array.from(block.parentElement.children, (each) => each.id)].join(" ").split(` ${block.id}`)[0];

  // A page with other sections takes the place of this one at once where no section that was read moves or is gone, and
  // where it is no chart any more: that one must not be shown is never held back.
  function mayRebuild(fresh) {
    if (performance.now() - began < READ_AFTER || !fresh.querySelector("#main .block")) return true;
    return Array.from(chart.querySelectorAll("#main .block:not(.asking)")).every((old) => {
      const next = fresh.getElementById(old.id);
      return next && placeOf(next) === placeOf(old) && onlyAddsBelow(old, next);
    });
  }

  function carryOver(old, fresh) {
    for (const details of old.querySelectorAll("details[data-k]")) {
      const same = fresh.querySelector(`details[data-k="${CSS.escape(details.dataset.k)}"]`);
      if (same) same.open = details.open;
    }
    lens.rows.moveOpened(old, fresh);
  }

  function focusIn(old) {
    const active = document.activeElement;
    if (!active || !old.contains(active)) return null;
    const path = active.id ? `#${CSS.escape(active.id)}` : ["href", "formaction"].filter((name) => active.hasAttribute(name))
      .map((name) => `[${name}="${CSS.escape(active.getAttribute(name))}"]`)[0];
    return (fresh) => {
      const target = active.isConnected ? active : (path && fresh.querySelector(path)) || active.tagName === "SUMMARY" && fresh.querySelector("summary") || fresh;
      target.focus({ preventScroll: true });
    };
  }

  function replace(old, fresh) {
    const refocus = focusIn(old);
    carryOver(old, fresh);
    old.replaceWith(fresh);
    if (refocus) refocus(fresh);
    if (fresh.matches(HTMX) || fresh.querySelector(HTMX)) window.htmx.process(fresh);  // it looks at every attribute there is
  }

  const NARROW = window.matchMedia("(max-width: 899.98px)");
  const JUMP = 30, LINE = 19, NEAR = 400; // CSS px; a text line of the safety line; how far what is below may come up into view
  const ownHeight = (piece) => piece.offsetHeight - lens.rows.openedHeight(piece);

  // Whether the one stands under the other on the screen: sections of two columns may share one.
  function isUnder(one, other) {
    const { left, right, top } = other.getBoundingClientRect(), place = one.getBoundingClientRect();
    return place.top > top && place.left < right && place.right > left;
  }

  // A section may only shrink where everything under it is put in place anew at the same moment.
  const mayShrink = (old, replaced) => Array.from(chart.querySelectorAll("#main .block")).every((other) => replaced.has(other) || !isUnder(other, old));

  // Sections that stay as they are, and need the room no longer that was kept for them while they were filled.
  function roomy(pairs, replaced) {
    return Array.from(chart.querySelectorAll("#main .block[style]")).filter((each) =>
      !replaced.has(each) && pairs.some(({ old }) => isUnder(old, each)) && mayShrink(each, replaced));
  }

  // All heights are read before anything is changed and again after it, so that the page is laid out twice and not more.
  // settle: the page became complete before anybody can have read it, or the reader asked for the change. Then the
  // safety line gives back a line of the room that was kept for what it might have had to say, unless it has grown; more
  // would be a jump. On a narrow page each of its slots is a line, and those that turn out empty would leave a hole.
  // replaced: all that is to be replaced, also in other turns.
  function replaceAll(pairs, settle, replaced) {
    const main = document.getElementById("main"), bottom = main.getBoundingClientRect().bottom;
    const before = pairs.map(({ old }) => ({ height: ownHeight(old), free: old.matches(".block") && (settle || old.matches(".asking")) && mayShrink(old, replaced) }));
    const emptied = settle ? roomy(pairs, replaced) : [];
    for (const { old, fresh } of pairs) replace(old, fresh);
    for (const each of emptied) each.style.minHeight = "";
    const after = pairs.map(({ fresh }) => ownHeight(fresh));
    pairs.forEach(({ fresh }, place) => {
      const { height, free } = before[place], safety = fresh.matches(".safety");
      if (safety) room ??= height;
      const kept = !settle || !safety ? height : NARROW.matches ? 0 : height <= room ? height - LINE : height;
      if (!free && fresh.matches(".block, .safety") && after[place] < kept) fresh.style.minHeight = `${kept}px`;
    });
    // A short chart keeps the room it began with: what stands under it would jump up while it is being read.
    const lost = bottom - main.getBoundingClientRect().bottom;
    if (bottom < window.innerHeight && lost > JUMP) main.style.minHeight = `${main.offsetHeight + lost}px`;
  }

  // The first row in view stays where it is, whatever happens above it.
  function keepingScroll(change) {
    const row = window.scrollY > 0 && Array.from(chart.querySelectorAll("[id^=row-]")).find((each) => each.getBoundingClientRect().top > 120);
    const id = row && row.id, top = row && row.getBoundingClientRect().top;
    change();
    const after = id && document.getElementById(id);
    if (after) window.scrollBy(0, after.getBoundingClientRect().top - top);
  }

  function announce(complete, before) {
    if (held.size || reshaped) {
      const added = Array.from(reshaped ? pieces(parse(reshaped)) : []).filter((piece) => !document.getElementById(piece.id));
      const names = [...held.values(), ...added].map((piece) => piece.querySelector("h2")?.textContent).filter(Boolean).join(", ");
      lens.notices.show("held", names ? `New in ${names}` : "The sections have another order now", { words: "Show", run: showHeld });
    } else lens.notices.hide("held");
    if (complete && !before) lens.notices.say("The chart is complete.");
  }

  function showHeld() {
    if (reshaped) {
      keepingScroll(() => rebuild(parse(reshaped)));
      lens.notices.hide("held");
      again(pause()); // what was asked by the page before reaches nobody
      return;
    }
    const pairs = Array.from(held, ([id, fresh]) => ({ old: document.getElementById(id), fresh })).filter(({ old }) => old);
    keepingScroll(() => replaceAll(pairs, true, new Set(pairs.map(({ old }) => old))));
    held.clear();
    lens.notices.hide("held");
  }

  function sameShape(fresh) {
    const order = (root) => root.querySelector("#main")?.dataset.order || "";
    return order(fresh) === order(chart) && Array.from(pieces(fresh)).every((piece) => document.getElementById(piece.id));
  }

  // After a frame was drawn, if any is: two turns in one frame would be one long jump.
  const nextTask = () => new Promise((done) => {
    if (document.hidden) setTimeout(done);
    else requestAnimationFrame(() => { setTimeout(done); });
  });

  // The head of the page, then what is in view, then what is not. What stands in one column is put in place together: a
  // piece that is still the old one must not be pushed down by one above it. What stands under all columns goes with the
  // one that has most to say, since that is the one that would push it.
  function inTurns(pairs) {
    const head = [], columns = new Map(), under = [], below = [];
    for (const pair of pairs) {
      const { left, top } = pair.old.getBoundingClientRect();
      if (pair.old.matches(HEAD)) head.push(pair);
      else if (top >= window.innerHeight + NEAR) below.push(pair);
      else if (!pair.old.closest(".col")) under.push(pair);
      else columns.set(left, [...(columns.get(left) || []), pair]);
    }
    const size = (turn) => turn.reduce((sum, { fresh }) => sum + fresh.textContent.length, 0);
    const [longest = [], ...others] = Array.from(columns.values()).sort((one, other) => size(other) - size(one));
    return [head, [...longest, ...under], ...others, below].filter((turn) => turn.length);
  }

  // What is new is read in one task and put in place in the next ones, so that none holds up a key or a click for long.
  // all: the reader asked for this, so everything is put in place at once. Gives a promise; answers keep their order.
  // After one that could not be put in place, nothing is taken to be known.
  function merge(html, all) {
    placed = placed.catch(() => known.clear()).then(() => mergeNext(html, all));
    return placed;
  }

  async function mergeNext(html, all) {
    const fresh = parse(html);
    const poll = fresh.querySelector("#poll"), asking = document.getElementById("poll");
    if (!poll || poll.dataset.ctx !== mine()) return;
    const complete = poll.hasAttribute("data-complete"), before = "summary" in document.documentElement.dataset;
    const settle = all || (complete && performance.now() - began < READ_AFTER);
    const same = sameShape(fresh);
    reshaped = same || all || mayRebuild(fresh) ? "" : html;
    if (same || reshaped) {
      const pairs = changed(fresh, all), replaced = new Set(pairs.map(({ old }) => old));
      for (const turn of inTurns(pairs)) {
        await nextTask();
        keepingScroll(() => replaceAll(turn, settle, replaced));
      }
    } else keepingScroll(() => rebuild(fresh));
    if (complete) document.documentElement.dataset.summary = "complete";
    else delete document.documentElement.dataset.summary;
    document.title = poll.dataset.title || document.title;
    // The answer to what an element has asked that is gone by now reaches nobody.
    if (!asking.isConnected) again(pause());
    announce(complete, before);
  }

  // Pairs of what is on the page and what takes its place; a section that was read waits in `held` instead.
  function changed(root, all) {
    const pairs = [];
    for (const fresh of Array.from(pieces(root))) {
      const html = fresh.outerHTML, old = document.getElementById(fresh.id);
      if (!old) continue; // of a page that waits
      if (all) old.style.minHeight = "";
      if (known.get(fresh.id) === html) continue;
      known.set(fresh.id, html);
      if (all || mayReplace(old, fresh)) {
        held.delete(fresh.id);
        pairs.push({ old, fresh });
      } else held.set(fresh.id, fresh);
    }
    return pairs;
  }

  function rebuild(fresh) {
    const refocus = focusIn(chart), opened = chart.cloneNode(false);
    opened.append(fresh);
    carryOver(chart, opened);
    known.clear();
    for (const piece of pieces(opened)) if (!piece.querySelector(".opened")) known.set(piece.id, piece.outerHTML);
    chart.replaceChildren(...opened.childNodes);
    held.clear();
    reshaped = "";
    if (refocus) refocus(chart);
    window.htmx.process(chart);
  }

  // News lead to a question that was not asked yet, and that one goes out at once.
  function pause() {
    const poll = document.getElementById("poll");
    return poll?.hasAttribute("data-complete") ? SLOW : poll?.getAttribute("hx-get") === asked ? SOON : 0;
  }

  function again(delay) {
    clearTimeout(timer);
    timer = setTimeout(() => {
      const poll = document.getElementById("poll");
      if (document.hidden && poll?.hasAttribute("data-complete")) again(SLOW);
      else if (poll) {
        asked = poll.getAttribute("hx-get");
        window.htmx.trigger(poll, "look");
      }
    }, delay);
  }

  const isPoll = (event) => event.target.id === "poll" || event.detail.elt?.id === "poll";

  document.body.addEventListener("htmx:beforeSwap", (event) => {
    const xhr = event.detail.xhr;
    if (xhr.getResponseHeader("X-Ctx") !== mine()) {
      event.detail.shouldSwap = false; // another chart's answer: never shown here
      return;
    }
    if (!isPoll(event)) return;
    event.detail.shouldSwap = false;
    if (xhr.status === 200) merge(xhr.responseText, false);
  });

  document.body.addEventListener("htmx:afterRequest", (event) => {
    if (!isPoll(event)) return;
    const status = event.detail.xhr.status;
    if (status === 200 || status === 204) {
      failures = 0;
      lens.notices.hide("lost");
      placed.then(() => again(pause()), () => again(WAITS[0]));
    } else if (status !== 401 && status !== 409) {
      const time = document.querySelector("#foot p")?.firstChild?.nextSibling?.textContent.trim() || "";
      lens.notices.show("lost", `No answer from Visit Lens. This page is as of ${time}`);
      again(WAITS[Math.min(failures++, WAITS.length - 1)]);
    }
  });

  // The buttons of the page: the same request, and the answer put in place.
  document.addEventListener("submit", (event) => {
    if (event.target.id !== "post") return;
    const button = event.submitter, address = button?.formAction || event.target.action;
    if (!address.startsWith(`${location.origin}/c/${mine()}/`)) return;
    event.preventDefault();
    const body = new FormData(event.target, button);
    fetch(address, { method: "POST", body, headers: { "HX-Request": "true" }, credentials: "same-origin" }).then(async (answer) => {
      if (answer.headers.get("X-Ctx") !== mine() || !answer.ok) location.reload();
      else merge(await answer.text(), true);
    }, () => lens.notices.show("lost", "No answer from Visit Lens. Please try again."));
  });

  for (const piece of pieces(chart)) known.set(piece.id, piece.outerHTML);
  // htmx takes the page up at that event as well; what is asked then is asked in a task of its own.
  document.addEventListener("DOMContentLoaded", () => again(pause()));
  lens.merge = merge;
})();
