/* The whole form of one indicator, opened in its row or level cell and closed by Esc or 取消.
   Without scripts the same links open the form on a page of its own. */
(function () {
  "use strict";

  const TABLE = "table[data-editable]";
  const placeOf = (cell) => (cell.closest("th.level") ? cell.closest("th.level").querySelector(".level-in") : cell.closest("tr"));

  /* cell: anything in the row or level cell whose form is wanted */
  function open(cell) {
    const place = placeOf(cell);
    const level = cell.closest("th.level");
    const link = level ? place.querySelector("a.edit") : place.querySelector("td > a.edit");
    if (link) htmx.ajax("GET", link.getAttribute("href"), { source: place, target: place, swap: "outerHTML" });
  }

  function close(form) {
    const address = new URL(form.querySelector("[data-cancel]").href);
    const place = placeOf(form);
    const select = form.closest("th.level") ? `${address.hash} .level-in` : address.hash;
    htmx.ajax("GET", `${address.pathname}${address.search ? `${address.search}&` : "?"}whole=1`, { source: place, target: place, swap: "outerHTML", select: select });
  }

  document.addEventListener("click", (event) => {
    const cancel = event.target.closest("[data-cancel]");
    if (!cancel || !cancel.closest(TABLE) || event.button !== 0) return;
    event.preventDefault();
    close(cancel.closest("form"));
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const form = event.target.closest && event.target.closest(`${TABLE} form`);
    if (form && form.querySelector("[data-cancel]")) close(form);
  });

  window.LedgerForm = { open };
})();
