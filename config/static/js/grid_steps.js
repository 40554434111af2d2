/* The steps a person took in one ledger since the window was opened, for undo and redo; kept when the page is loaded again. */
(function () {
  "use strict";

  const bar = document.getElementById("grid-bar");
  if (!bar) return;
  const MOST = 200;
  const name = `steps:${document.body.dataset.user}:${bar.dataset.urls}`;

  function known() {
    try { return JSON.parse(window.sessionStorage.getItem(name)) || { undo: [], redo: [] }; } catch (error) { return { undo: [], redo: [] }; }
  }

  function keep(steps) {
    try { window.sessionStorage.setItem(name, JSON.stringify(steps)); } catch (error) { /* full: nothing to undo after a reload */ }
    show(steps);
  }

  function show(steps) {
    bar.querySelector("[data-do=undo]").disabled = !steps.undo.length;
    bar.querySelector("[data-do=redo]").disabled = !steps.redo.length;
  }

  /* A new step: what was undone before it cannot be done again. */
  function push(step) {
    keep({ undo: [...known().undo.slice(1 - MOST), step], redo: [] });
  }

  window.GridSteps = { known, keep, push };
  show(known());
})();
