/* A unit dragged onto another one moves below it, after a question. Without this file: 移到它的下级 on the unit's page. */
(function () {
  "use strict";

  const table = document.querySelector("[data-unit-tree]");
  const form = document.getElementById("unit-drag");
  if (!table || !form) return;
  let dragged = null;

  const rowOf = (event) => (event.target.closest ? event.target.closest("tr[data-unit]") : null);

  /* Not onto itself or one of its own: those stand right below it, deeper than it. */
  function takes(row) {
    if (!dragged || !row || row === dragged) return false;
    for (let next = dragged.nextElementSibling; next; next = next.nextElementSibling) {
      if (Number(next.dataset.level) <= Number(dragged.dataset.level)) return true;
      if (next === row) return false;
    }
    return true;
  }

  table.querySelectorAll("tr[data-unit]").forEach((row) => { row.draggable = true; });

  table.addEventListener("dragstart", (event) => {
    dragged = rowOf(event);
    if (!dragged) return;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", dragged.dataset.name);
    dragged.classList.add("is-dragged");
  });

  table.addEventListener("dragover", (event) => {
    const row = rowOf(event);
    table.querySelectorAll(".is-target").forEach((one) => one.classList.remove("is-target"));
    if (!takes(row)) return;
    event.preventDefault();
    row.classList.add("is-target");
  });

  table.addEventListener("dragend", () => {
    table.querySelectorAll(".is-target, .is-dragged").forEach((one) => one.classList.remove("is-target", "is-dragged"));
    dragged = null;
  });

  table.addEventListener("drop", (event) => {
    const row = rowOf(event);
    if (!takes(row)) return;
    event.preventDefault();
    if (!window.confirm(`把“${dragged.dataset.name}”移到“${row.dataset.name}”下面？`)) return;
    form.action = dragged.dataset.move;
    form.elements.to.value = row.dataset.unit;
    form.submit();
  });
})();
