/* One key each on the review desk: J next, K previous, A accept, E to the score, R to the reason for returning.
   Keys count only where nobody is typing. Enter in a score adjusts; Ctrl+Enter does what E or R began.
   After an answer the next row is at hand; a refused one keeps the person where something is missing. */
(function () {
  "use strict";

  const ROW = "tr[data-review]";
  const typing = (place) => place.matches && place.matches("input, textarea, select, button, summary, a");
  const rows = () => Array.from(document.querySelectorAll(ROW));
  let here = null;
  let begun = "adjust";

  /* An opinion is never cut: its cell grows. */
  function fit(cell) {
    cell.style.height = "auto";
    cell.style.height = `${cell.scrollHeight + 2}px`;
  }

  function stand(row) {
    if (!row) return;
    rows().forEach((other) => other.classList.toggle("is-here", other === row));
    here = row.id;
    row.focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  }

  function step(by) {
    const all = rows();
    const at = all.findIndex((row) => row.id === here);
    stand(all[at < 0 ? 0 : Math.min(Math.max(at + by, 0), all.length - 1)]);
  }

  const button = (row, action) => row.querySelector(`button[value="${action}"]`);
  const present = () => (here && document.getElementById(here)) || null;

  function press(row, action) {
    const found = button(row, action);
    if (found) found.click();
  }

  function enter(row, name, action) {
    begun = action;
    const cell = row.querySelector(`.cell[name="${name}"]`);
    if (!cell) return;
    cell.focus();
    cell.select();
  }

  const KEYS = {
    j: () => step(1),
    k: () => step(-1),
    a: (row) => row && press(row, "accept"),
    e: (row) => row && enter(row, "score", "adjust"),
    r: (row) => row && enter(row, "reason", "return"),
  };

  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.metaKey || event.altKey) return;
    const cell = event.target;
    if (cell.matches && cell.matches(`${ROW} .cell`)) {
      inCell(event, cell);
      return;
    }
    if (event.ctrlKey || typing(cell)) return;
    const act = KEYS[event.key.toLowerCase()];
    if (!act) return;
    event.preventDefault();
    act(present());
  });

  function inCell(event, cell) {
    const row = cell.closest(ROW);
    if (event.key === "Escape") {
      cell.value = cell.defaultValue;
      stand(row);
    } else if (event.key === "Enter" && (event.ctrlKey || cell.name === "score")) {
      event.preventDefault();
      press(row, event.ctrlKey ? begun : "adjust");
    }
  }

  /* Reasons written before: a click, or Alt and its digit, puts one into the opinion at hand. */
  function phrase(words, row) {
    const cell = row && row.querySelector('textarea[name="reason"]');
    if (!cell || !words) return;
    cell.value = cell.value.trim() ? `${cell.value.trim()}；${words}` : words;
    fit(cell);
    cell.focus();
  }

  /* Those of the same item first, then those written most anywhere. */
  function offered(row) {
    const own = Array.from(row.querySelectorAll("[data-phrase]"));
    const said = own.map((one) => one.textContent);
    const others = Array.from(document.querySelectorAll("[data-phrase]")).filter((one) => !one.closest(ROW));
    return own.concat(others.filter((one) => !said.includes(one.textContent)));
  }

  document.addEventListener("click", (event) => {
    const chosen = event.target.closest("[data-phrase]");
    if (chosen) phrase(chosen.textContent, chosen.closest(ROW) || present() || rows()[0]);
  });

  document.addEventListener("keydown", (event) => {
    if (!event.altKey || !/^Digit[1-9]$/.test(event.code) || !event.target.closest(ROW)) return;
    const found = offered(event.target.closest(ROW))[Number(event.code.slice(5)) - 1];
    if (!found) return;
    event.preventDefault();
    phrase(found.textContent, event.target.closest(ROW));
  });

  document.addEventListener("input", (event) => {
    if (event.target.matches(`${ROW} textarea`)) fit(event.target);
  });

  document.addEventListener("focusin", (event) => {
    const row = event.target.closest && event.target.closest(ROW);
    if (!row || row.id === here) return;
    rows().forEach((other) => other.classList.toggle("is-here", other === row));
    here = row.id;
  });

  /* The answered row came back: refused ones keep the person, the others lead to the next. */
  document.addEventListener("htmx:afterSettle", (event) => {
    const id = event.detail.target && event.detail.target.id;
    const row = id && document.getElementById(id);
    if (!row || !row.matches(ROW)) return;
    here = row.id;
    row.querySelectorAll("textarea").forEach(fit);
    if (row.dataset.state === "invalid") {
      stand(row);
      enter(row, "reason", begun);
    } else {
      step(1);
    }
  });

  /* The network is gone or the session has ended: nothing was saved, and the row says so. */
  function unsaved(event) {
    const row = event.target.closest && event.target.closest(ROW);
    const place = row && row.querySelector("[data-row-state]");
    if (!place) return;
    row.dataset.state = "failed";
    place.textContent = "没有保存，已填内容还在；联网或重新登录后再试";
  }
  document.addEventListener("htmx:sendError", unsaved);
  document.addEventListener("htmx:responseError", unsaved);

  document.querySelectorAll(`${ROW} textarea`).forEach((cell) => { if (cell.value) fit(cell); });
})();
