// Says how old the preview is: the time from the last key to the new screen.
(() => {
  "use strict";
  let key = 0;
  addEventListener("input", (event) => {
    if (event.target.closest("#rule")) key = performance.now();
  });
  addEventListener("htmx:afterSwap", (event) => {
    const age = document.getElementById("age");
    if (event.target.id !== "preview" || !age || !key) return;
    age.textContent = `${((performance.now() - key) / 1000).toFixed(1)} s after the last key`;
  });
})();
