// One key leads from one lens to another: any link or button with data-key. What leads to this very page is passed over.
(() => {
  "use strict";
  const leadsAway = (each) => !each.href || each.getAttribute("href").startsWith("#") || new URL(each.href).pathname + new URL(each.href).search !== location.pathname + location.search;

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, select, textarea")) return;
    const target = Array.from(document.querySelectorAll(`[data-key="${CSS.escape(event.key)}"]`)).find((each) => leadsAway(each) && each.checkVisibility());
    if (!target) return;
    event.preventDefault();
    if (target.matches("a[href^='#']")) {
      const heading = document.querySelector(target.getAttribute("href"));
      heading?.focus();
      heading?.scrollIntoView({ block: "start" });
    } else target.click();
  });
})();
