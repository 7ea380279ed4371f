// Find anything: asked at every pause of the typing hand; the words go in the body of a request, never into an address.
(() => {
  "use strict";
  const lens = window.VisitLens;
  const box = document.getElementById("find");
  if (!box) return;
  const form = box.querySelector("form"), field = form.querySelector("input[name=q]"), list = document.getElementById("found");
  const PAUSE = 30; // ms after a key before the question goes out
  let timer = 0, asked = null, answered = null, before = null;

  const links = () => Array.from(list.querySelectorAll("a.o")).filter((link) => link.checkVisibility());
  const words = () => field.value.trim();

  function close(back) {
    clearTimeout(timer);
    asked?.abort();
    answered = null;
    list.hidden = true;
    list.replaceChildren();
    field.value = "";
    if (back) (before?.isConnected ? before : document.body).focus({ preventScroll: true });
    if (back && document.activeElement === field) field.blur();
  }

  function put(html, query) {
    const holder = document.createElement("template");
    holder.innerHTML = html;
    const inside = list.contains(document.activeElement);  // somebody went down before this answer was here
    list.replaceChildren(holder.content);
    list.hidden = false;
    list.scrollTop = 0;
    answered = query;
    if (inside) (links()[0] || field).focus();
    list.dataset.answers = query;
    lens.notices.say(list.querySelector("[data-says]")?.dataset.says || "");
  }

  // Resolves once the list answers what stands in the field.
  async function ask() {
    clearTimeout(timer);
    asked?.abort();
    const query = words(), mine = asked = new AbortController();
    let answer, html;
    try {
      answer = await fetch(form.action, { method: "POST", body: new FormData(form), headers: { "HX-Request": "true" }, credentials: "same-origin", signal: mine.signal });
      html = await answer.text();
    } catch (error) {
      if (error.name !== "AbortError") lens.notices.show("lost", "No answer from Visit Lens. Please try again.");
      return;
    }
    if (mine !== asked) return;
    if (answer.headers.get("X-Ctx") !== document.body.dataset.ctx || !answer.ok) location.reload();
    else {
      lens.notices.hide("lost");
      put(html, query);
    }
  }

  // Something that the page speaks of and has no row for: it opens here, where the answers stand.
  lens.aside = (link) => {
    before = link;
    const row = document.createElement("li"), title = document.createElement("a"), rows = document.createElement("ul");
    row.dataset.k = new URL(link.href).pathname.split("/row/")[1];
    row.className = "r hit";
    title.className = "o";
    title.href = link.href;
    title.textContent = link.closest(".plan") ? "Last plan" : link.textContent;
    row.append(title);
    rows.className = "rows hits";
    rows.append(row);
    list.replaceChildren(rows);
    list.hidden = false;
    answered = null;
    lens.rows.open(row, title).then(() => {
      title.textContent = row.nextElementSibling?.querySelector(".opened")?.dataset.heading || title.textContent;
    });
    title.focus();
    return true;
  };

  // A deep link to something that has no row on this page.
  function fromAddress() {
    const key = /^#row-([a-z_-]+-[0-9a-f]{12})$/.exec(location.hash)?.[1];
    if (!key || document.getElementById(`row-${key}`) || !document.getElementById("chart")) return;
    const link = document.createElement("a");
    link.href = `/c/${document.body.dataset.ctx}/row/${key}`;
    link.textContent = "…";
    lens.aside(link);
  }

  function open() {
    if (!box.contains(document.activeElement)) before = document.activeElement;
    field.focus();
    field.select();
  }

  // An empty list: the index of this chart is made while the reader is still typing.
  field.addEventListener("focus", () => { if (list.hidden) ask(); });
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE);
  });

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (!words()) return;
    if (answered !== words()) await ask();
    if (answered === words()) links()[0]?.click();
  });

  // What the page has is opened where it stands; the rest opens in the list.
  list.addEventListener("click", () => setTimeout(() => {
    if (!list.hidden && !box.contains(document.activeElement) && document.activeElement?.closest("#chart")) close(false);
  }));
  document.addEventListener("pointerdown", (event) => { if (!list.hidden && !box.contains(event.target)) close(false); });
  box.addEventListener("focusout", (event) => {
    const to = event.relatedTarget;
    if (to && !box.contains(to)) close(false);
  });

  function step(by) {
    const all = links(), place = all.indexOf(document.activeElement) + by;
    if (place < 0) field.focus();
    else all[Math.min(place, all.length - 1)]?.focus();
  }

  box.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") {
      if (list.querySelector(".open-row")) return; // an opened answer closes first
      close(true);
    } else if (event.key === "ArrowDown") step(1);
    else if (event.key === "ArrowUp" && document.activeElement !== field) step(-1);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });

  document.addEventListener("keydown", (event) => {
    const slash = event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey && !event.target.matches("input, select, textarea");
    const control = event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
    if (!slash && !control) return;
    event.preventDefault();
    open();
  });

  fromAddress();
})();
