/* Rows and whole branches of a ledger moved by dragging: a row by its number, a branch by the grip in its cell. A line shows
   where it will stand; on the middle of a level's cell it goes below that level. */
(function () {
  "use strict";

  const EDGE = 0.3;
  const SCROLL = 40;
  let moving = null;
  let target = null;

  const clear = () => document.querySelectorAll(".drop-above, .drop-below, .drop-child").forEach((one) => one.classList.remove("drop-above", "drop-below", "drop-child"));

  document.addEventListener("dragstart", (event) => {
    const handle = event.target.closest && event.target.closest("table[data-editable] .rowno, table[data-editable] .grip");
    if (!handle) return;
    const id = handle.closest("[data-id]").dataset.id;
    const chosen = window.GridShape.selected();
    moving = handle.matches(".rowno") && chosen.length > 1 && chosen.includes(id) ? chosen : [id];
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", moving.join(","));
    handle.closest("[data-id]").classList.add("is-dragged");
  });

  /* The element under the pointer and where beside it the rows would go. */
  function over(event) {
    const level = event.target.closest("table[data-editable] th.level[data-id]");
    const row = event.target.closest("table[data-editable] tr[data-id]");
    const place = level || row;
    if (!place || moving.includes(place.dataset.id)) return null;
    const box = (level ? level.querySelector(".level-in") : row).getBoundingClientRect();
    const share = (event.clientY - box.top) / Math.max(1, box.height);
    const edge = level ? EDGE : 0.5;
    return { place, id: place.dataset.id, where: share < edge ? "above" : share > 1 - edge ? (level ? "child" : "below") : "child" };
  }

  document.addEventListener("dragover", (event) => {
    if (!moving) return;
    const frame = event.target.closest(".sheet-frame");
    target = over(event);
    clear();
    if (frame) {
      const edge = frame.getBoundingClientRect();
      if (event.clientY < edge.top + SCROLL + 30) frame.scrollTop -= 12;
      else if (event.clientY > edge.bottom - SCROLL) frame.scrollTop += 12;
    }
    if (!target) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "move";
    target.place.classList.add(`drop-${target.where}`);
  });

  document.addEventListener("drop", (event) => {
    if (!moving || !target) return;
    event.preventDefault();
    window.GridShape.ask({ do: "move", ids: moving, where: target.where, of: target.id });
  });

  document.addEventListener("dragend", () => {
    moving = target = null;
    clear();
    document.querySelectorAll(".is-dragged").forEach((one) => one.classList.remove("is-dragged"));
  });
})();
