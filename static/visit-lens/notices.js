// What is said beside the chart: a polite line for screen readers, and a bar at the foot that moves nothing.
(() => {
  "use strict";
  const bar = document.getElementById("notices");
  const voice = document.getElementById("say");
  const shown = new Map();
  let later = 0;

  function draw() {
    if (!bar) return;
    bar.replaceChildren(...shown.values());
  }

  // One notice per name. action: {words, run} makes a button.
  function show(name, words, action) {
    const line = document.createElement("p");
    line.append(words);
    if (action) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = action.words;
      button.addEventListener("click", action.run);
      line.append(" ", button);
    }
    const before = shown.get(name);
    if (before && before.textContent === line.textContent) return;
    shown.set(name, line);
    draw();
  }

  function hide(name) {
    if (shown.delete(name)) draw();
  }

  // Only the last of several things said in quick succession is read out.
  function say(words) {
    if (!voice) return;
    clearTimeout(later);
    later = setTimeout(() => { voice.textContent = words; }, 700);
  }

  window.VisitLens = { notices: { show, hide, say } };
})();
