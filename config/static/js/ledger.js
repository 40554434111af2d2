/* The ledger's table: a click on a row or on a level's name opens its form in place; Esc or 取消 closes it.
   Without this file the same links open the form on a page of its own. */
(function () {
  "use strict";

  const TABLE = "table[data-editable]";

  function open(link) {
    const level = link.closest("th.level");
    const place = level ? level.querySelector(".level-in") : link.closest("tr");
    htmx.ajax("GET", link.getAttribute("href"), { source: place, target: place, swap: "outerHTML" });
  }

  function close(form) {
    const cancel = form.querySelector("[data-cancel]");
    const address = new URL(cancel.href);
    const level = form.closest("th.level");
    const place = level ? level.querySelector(".level-in") : form.closest("tr");
    const select = level ? `${address.hash} .level-in` : address.hash;
    htmx.ajax("GET", address.pathname + address.search, { source: place, target: place, swap: "outerHTML", select: select });
  }

  document.addEventListener("click", (event) => {
    if (event.defaultPrevented || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const cancel = event.target.closest("[data-cancel]");
    if (cancel && cancel.closest(TABLE)) {
      event.preventDefault();
      close(cancel.closest("form"));
      return;
    }
    if (!event.target.closest(TABLE)) return;
    const link = event.target.closest("a.edit");
    if (link) {
      event.preventDefault();
      open(link);
      return;
    }
    // a click on the row's own cells, but not one that ends a selection of text or meets a control
    const cell = event.target.closest("td");
    if (!cell || event.target.closest("a, button, input, select, textarea, label, form, summary")) return;
    if (String(window.getSelection())) return;
    const own = cell.closest("tr").querySelector("td > a.edit");
    if (own) open(own);
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const form = event.target.closest && event.target.closest(`${TABLE} form`);
    if (form && form.querySelector("[data-cancel]")) close(form);
  });
})();
