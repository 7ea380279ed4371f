// Rows open in place and close again; the keyboard walks from row to row.
(() => {
  "use strict";
  const lens = window.VisitLens;
  const LINKS = "a.o, .one a.ref, .plan a.ref, .beside a.ref";

  const keyOf = (link) => decodeURIComponent(new URL(link.href).pathname.split("/row/")[1] || "");
  const rowOf = (link) => link.closest("[data-k]");
  const openedAfter = (row) => {
    const next = row.nextElementSibling?.classList.contains("cm") ? row.nextElementSibling.nextElementSibling : row.nextElementSibling;
    return next?.classList.contains("open-row") ? next : null;
  };

  function holder(row) {
    const table = row.tagName === "TR";
    const made = document.createElement(table ? "tr" : "li");
    made.className = "open-row fresh";
    if (table) {
      made.setAttribute("role", "row");
      const cell = made.insertCell();
      cell.colSpan = 9;
      cell.setAttribute("role", "cell");
      cell.className = "open-row";
    }
    made.tabIndex = -1;
    return made;
  }

  function open(row, link, address = link.href) {
    const made = holder(row);
    const last = row.nextElementSibling?.classList.contains("cm") ? row.nextElementSibling : row;
    last.after(made);
    mark(row, link, true);
    history.replaceState(history.state, "", `#row-${keyOf(link)}`);
    return load(made, address);
  }

  function load(made, address) {
    return window.htmx.ajax("GET", address, { target: made.tagName === "TR" ? made.firstElementChild : made, swap: "innerHTML" });
  }

  function mark(row, link, is) {
    row.classList.toggle("is-open", is);
    if (link) link.setAttribute("aria-expanded", String(is));
  }

  function close(row, focus) {
    const made = openedAfter(row), link = row.querySelector("a.o");
    if (!made) return;
    made.remove();
    mark(row, link, false);
    history.replaceState(history.state, "", location.pathname + location.search);
    if (focus && link) link.focus();
  }

  function toggle(row, link) {
    if (openedAfter(row)) close(row, true);
    else open(row, link);
  }

  // A link that only speaks of a row goes to that row, where the page has it; else it opens in the list of answers.
  function follow(link) {
    const target = document.getElementById(`row-${keyOf(link)}`);
    const row = rowOf(link);
    const mine = row && row.matches("tr, li") && !link.closest(".one, .beside");
    if (!target && !mine) return lens.aside ? lens.aside(link) : false;
    if (!target || target === row) return mine ? toggle(row, link) : false;
    target.closest("details")?.setAttribute("open", "");
    const own = target.querySelector("a.o");
    if (!own) return false;
    if (!openedAfter(target)) open(target, own, link.href).then(() => openedAfter(target)?.scrollIntoView({ block: "nearest" }));
    own.focus({ preventScroll: true });
    target.scrollIntoView({ block: "nearest" });
    return true;
  }

  document.addEventListener("click", (event) => {
    if (event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || !document.getElementById("chart")) return;
    const link = event.target.closest(LINKS);
    if (link) {
      if (follow(link) !== false) event.preventDefault();
      return;
    }
    const shut = event.target.closest(".close");
    if (shut && shut.closest(".open-row")) {
      event.preventDefault();
      close(rowBefore(shut.closest("tr.open-row, li.open-row")), true);
      return;
    }
    const all = event.target.closest("a[data-all]");
    if (all && all.closest(".open-row")) {
      event.preventDefault();
      load(all.closest("tr.open-row, li.open-row"), all.href);
      return;
    }
    if (event.target.closest("a, button, summary, input, .open-row") || String(getSelection())) return;
    const own = event.target.closest("[data-k]")?.querySelector(":scope a.o");
    if (own) follow(own);
  });

  // A click beside the open choice of visits closes it.
  document.addEventListener("click", (event) => {
    for (const choice of document.querySelectorAll("details.choice[open]")) if (!choice.contains(event.target)) choice.open = false;
  });

  function rowBefore(made) {
    const before = made.previousElementSibling;
    return before.classList.contains("cm") ? before.previousElementSibling : before;
  }

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const text = button.closest(".opened").querySelector("pre.copy").textContent;
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
    } catch (error) { // no permission or no clipboard: the text itself is shown, to be copied by hand
      button.closest(".opened").querySelector("pre.copy").hidden = false;
      button.textContent = "Copy it from below";
    }
  });

  function escape() {
    const keys = document.getElementById("keys"), choice = document.querySelector("details.choice[open]");
    if (choice) {
      choice.open = false;
      choice.querySelector("summary").focus();
    } else if (keys?.open) keys.open = false;
    else {
      const inside = document.activeElement?.closest("tr.open-row, li.open-row");
      const opened = inside || Array.from(document.querySelectorAll("tr.open-row, li.open-row")).pop();
      if (opened) close(rowBefore(opened), true);
    }
  }

  function step(by) {
    const links = Array.from(document.querySelectorAll("#main a.o")).filter((link) => link.checkVisibility());
    const place = links.indexOf(document.activeElement);
    if (place < 0) return false;
    links[Math.min(Math.max(place + by, 0), links.length - 1)].focus();
    return true;
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, select, textarea")) return;
    if (event.key === "Escape") escape();
    else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (step(event.key === "ArrowDown" ? 1 : -1)) event.preventDefault();
    } else if (event.key === "?") {
      const keys = document.getElementById("keys");
      if (!keys) return;
      keys.open = !keys.open;
      if (keys.open) keys.querySelector("summary").focus();
      if (keys.open) keys.scrollIntoView({ block: "nearest" });
    }
  });

  // ---- for chart.js: opened rows outlive an update of their section

  function moveOpened(old, fresh) {
    for (const made of old.querySelectorAll("tr.open-row, li.open-row")) {
      const before = rowBefore(made);
      const row = fresh.querySelector(`[data-k="${CSS.escape(before.dataset.k)}"]`);
      if (!row) continue;
      const changed = row.textContent !== before.textContent || row.dataset.source !== before.dataset.source;
      const last = row.nextElementSibling?.classList.contains("cm") ? row.nextElementSibling : row;
      made.classList.remove("fresh");
      last.after(made);
      const link = row.querySelector("a.o");
      mark(row, link, true);
      if (changed && link) load(made, link.href);
    }
  }

  const openedHeight = (root) => Array.from(root.querySelectorAll("tr.open-row, li.open-row")).reduce((sum, made) => sum + made.offsetHeight, 0);

  // On a narrow screen the safety line scrolls away; its words then stand under the name.
  if (document.getElementById("chart")) {
    addEventListener("scroll", () => {
      const safety = document.getElementById("safety");
      document.body.classList.toggle("scrolled", Boolean(safety) && safety.getBoundingClientRect().bottom < 60);
    }, { passive: true });
  }

  // ---- what is fetched when it is asked for

  const scripts = new Map(); // address -> a promise, until it fails

  lens.fetchScript = (address) => {
    if (!scripts.has(address)) scripts.set(address, new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = address;
      script.addEventListener("load", resolve);
      script.addEventListener("error", () => { scripts.delete(address); script.remove(); reject(new Error("not loaded")); });
      document.head.append(script);
    }));
    return scripts.get(address);
  };

  document.documentElement.classList.add("has-js");
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-explore]");
    if (button) lens.fetchScript(button.dataset.explorer).then(() => lens.explore(button), () => lens.notices.show("lost", "No answer from Visit Lens. Please try again."));
  });

  lens.rows = { moveOpened, openedHeight, open };

  // A deep link opens its row.
  const wanted = location.hash.startsWith("#row-") && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const link = wanted && wanted.querySelector("a.o");
  if (link) {
    wanted.closest("details")?.setAttribute("open", "");
    open(wanted, link);
  }
})();
