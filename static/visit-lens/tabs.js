// Two tabs, two patients: each tab says when another patient's chart is open as well. No tab learns anything of another
// patient: only a number made from the title goes over the channel.
(() => {
  "use strict";
  const lens = window.VisitLens;
  const ctx = document.body.dataset.ctx;
  const DIFFERENT = "Another patient's chart is open in another tab.";
  const others = new Map(); // ctx -> number

  function number(text) {
    let hash = 2166136261;
    for (const letter of text) hash = Math.imul(hash ^ letter.codePointAt(0), 16777619);
    return hash >>> 0;
  }

  const me = () => number(document.getElementById("poll")?.dataset.title || document.title);

  if (ctx && "BroadcastChannel" in window) {
    const channel = new BroadcastChannel("visit-lens-charts");
    const tell = (kind) => channel.postMessage({ kind, ctx, who: me() });
    const show = () => {
      const strange = Array.from(others.values()).some((who) => who !== me());
      if (strange) lens.notices.show("tabs", DIFFERENT);
      else lens.notices.hide("tabs");
    };
    channel.addEventListener("message", (event) => {
      const { kind, ctx: from, who } = event.data;
      if (from === ctx) return;
      if (kind === "gone") others.delete(from);
      else others.set(from, who);
      if (kind === "here") tell("also");
      show();
    });
    addEventListener("pagehide", () => tell("gone"));
    tell("here");
  }

  // A page taken out of the browser's memory may be older than its session or its chart.
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
})();
