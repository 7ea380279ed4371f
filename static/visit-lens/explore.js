// "Zoom and compare" in an opened row. This file and the chart library are fetched at that click, once, and never before.
(() => {
  "use strict";
  const lens = window.VisitLens;
  const CONFIG = { displaylogo: false, displayModeBar: false, scrollZoom: false, doubleClick: "reset", showTips: false };
  // The library would put the style of its map component into the page, which the policy stops; it does not when an
  // element of this id is there. Maps are not used here.
  const MAP_STYLE = "9f215cf04c5486422605d13261cb87401f4e7763b6296af81e98efbc0130da53";

  function plotly(address) {
    if (!document.getElementById(MAP_STYLE)) document.head.append(element("meta", { id: MAP_STYLE }));
    return lens.fetchScript(address).then(() => window.Plotly);
  }

  function element(tag, fields, ...inside) {
    const made = Object.assign(document.createElement(tag), fields);
    made.append(...inside);
    return made;
  }

  class Exploration {
    constructor(button) {
      this.button = button;
      this.address = button.dataset.explore;
      this.opened = button.closest(".opened");
      this.plot = element("div", { className: "plot" });
      this.plot.setAttribute("role", "img");
      this.spans = element("span", { className: "spans" });
      this.select = element("select", {});
      this.select.addEventListener("change", () => this.show(this.select.value));
      const beside = element("label", {}, "Beside it ", this.select);
      this.box = element("section", { className: "explored" }, element("div", { className: "explore-bar" }, this.spans, beside), this.plot);
      this.box.setAttribute("aria-label", "Zoom and compare");
      this.opened.prepend(this.box);
      button.textContent = "Close zoom";
      this.box.scrollIntoView({ block: "nearest" }); // the button stands under what it opens
    }

    async show(beside) {
      const scheme = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
      const query = new URLSearchParams({ scheme, ...(beside ? { with: beside } : {}) });
      this.box.setAttribute("aria-busy", "true");
      try {
        const [Plotly, answer] = await Promise.all([
          plotly(this.button.dataset.plotly),
          fetch(`${this.address}?${query}`, { credentials: "same-origin" }),
        ]);
        if (!answer.ok || answer.headers.get("X-Ctx") !== document.body.dataset.ctx) throw new Error("no figure");
        const found = await answer.json();
        if (!this.box.isConnected) return;
        this.draw(Plotly, found, beside);
        this.box.removeAttribute("aria-busy");
        lens.notices.hide("lost");
      } catch (error) { // the plain chart is still there
        lens.notices.show("lost", "The chart could not be drawn for zooming. Please try again.");
        this.close();
      }
    }

    draw(Plotly, found, beside) {
      if (!this.select.options.length) {
        this.select.append(new Option("nothing", ""), ...found.choices.map(([key, name]) => new Option(name, key)));
      }
      this.select.value = beside || "";
      Plotly.react(this.plot, found.figure.data, { ...found.figure.layout, width: this.plot.clientWidth }, CONFIG);
      this.plot.setAttribute("aria-label", found.words);
      this.spans.replaceChildren(...found.spans.map(([words, start, end]) => {
        const button = element("button", { type: "button", textContent: words });
        button.addEventListener("click", () => Plotly.relayout(this.plot, { "xaxis.range": [start, end] }));
        return button;
      }), ...[["◂ Earlier", -0.5], ["Later ▸", 0.5]].map(([words, by]) => {
        const button = element("button", { type: "button", textContent: words });
        button.addEventListener("click", () => this.pan(Plotly, by));
        return button;
      }));
      this.watch(Plotly);
      lens.notices.say(found.words);
    }

    pan(Plotly, by) {
      const [from, to] = this.plot.layout.xaxis.range.map((moment) => new Date(moment).getTime());
      const local = (time) => { const at = new Date(time); return new Date(time - at.getTimezoneOffset() * 60000).toISOString().slice(0, 19); };
      Plotly.relayout(this.plot, { "xaxis.range": [local(from + (to - from) * by), local(to + (to - from) * by)] });
    }

    watch(Plotly) {
      if (this.resizes) return;
      this.resizes = new ResizeObserver(() => {
        if (!this.plot.isConnected) { this.resizes.disconnect(); Plotly.purge(this.plot); }
        else if (this.plot.clientWidth) Plotly.relayout(this.plot, { width: this.plot.clientWidth });
      });
      this.resizes.observe(this.plot);
    }

    close() {
      this.resizes?.disconnect();
      if (window.Plotly) window.Plotly.purge(this.plot);
      this.box.remove();
      this.button.textContent = "Zoom and compare";
      running.delete(this.button);
    }
  }

  const running = new WeakMap();

  lens.explore = (button) => {
    if (running.has(button)) running.get(button).close();
    else {
      const made = new Exploration(button);
      running.set(button, made);
      made.show("");
    }
  };
})();
