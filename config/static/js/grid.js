/* The cells of an editable ledger: which one is active, which are selected, and typing into one.

   One text field lies over the active cell and always has the focus, so that an input method begins in it at the first key.
   While it waits it shows nothing and holds the cell's text, all selected: typing replaces, copying copies. */
(function () {
  "use strict";

  const CELL = "table[data-editable] [data-f]";
  const LEVELS = "th.level[data-f]";
  const keys = [];
  const state = { at: null, anchor: null, mode: "", quick: false, marked: new Set() };
  let rowsNow = null;

  const field = document.createElement("textarea");
  field.className = "cell-field";
  field.rows = 1;
  field.setAttribute("autocomplete", "off");
  field.spellcheck = false;

  /* ---- cells ---- */
  const table = () => document.querySelector("table[data-editable]");
  const rows = () => rowsNow || (rowsNow = Array.from(document.querySelectorAll("table[data-editable] tbody tr[data-id]")));
  const idOf = (cell) => cell.closest("[data-id]").dataset.id;
  const fieldOf = (cell) => cell.dataset.f;
  const holder = (cell) => cell.querySelector("[data-t]") || cell;
  const textOf = (cell) => (cell.dataset.v !== undefined ? cell.dataset.v : holder(cell).textContent);
  const find = (id, name) => {
    const level = document.getElementById(`n${id}`);
    if (level) return name === "name" ? level : level.querySelector(`[data-f="${name}"]`);
    const row = document.getElementById(`i${id}`);
    return row ? inRow(row, name) : null;
  };
  const keyOf = (cell) => {
    const level = cell.closest(LEVELS);
    return level ? (cell === level ? "L" : "P") + level.dataset.level : fieldOf(cell);
  };
  /* what a row's cells are called, from left to right, without the level columns */
  const bodyKeys = () => Array.from(table().tHead.rows[0].cells).map((th) => th.dataset.col)
    .reduce((found, key) => (/^L\d$/.test(key) ? (found.includes("name") ? found : [...found, "name"]) : key === "rowno" ? found : [...found, key]), []);

  function inRow(row, key) {
    if (/^[LP]\d$/.test(key)) {
      const level = row.querySelector(`th.level[data-level="${key[1]}"]`);
      return level && (key[0] === "L" ? level : level.querySelector("[data-f=points]"));
    }
    return Array.from(row.cells).find((cell) => cell.tagName === "TD" && cell.dataset.f === key) || null;
  }

  function setText(cell, text) {
    if (cell.dataset.v !== undefined) cell.dataset.v = text;
    holder(cell).textContent = cell.matches(".points") && text ? `${text} 分` : text;
  }

  function vertical(cell, step) {
    const all = rows();
    const key = keyOf(cell);
    for (let at = all.indexOf(cell.closest("tr")) + step; at >= 0 && at < all.length; at += step) {
      const found = inRow(all[at], key);
      if (found) return found;
    }
    return null;
  }

  function horizontal(cell, step, wraps) {
    const row = cell.closest("tr");
    const line = Array.from(row.querySelectorAll("[data-f]"));
    const next = line[line.indexOf(cell) + step];
    if (next) return next;
    const all = rows();
    let at = all.indexOf(row);
    if (step < 0 && !wraps) {
      for (; at >= 0; at -= 1) {
        const levels = all[at].querySelectorAll(LEVELS);
        if (levels.length && all[at] !== row) return levels[levels.length - 1];
      }
      return null;
    }
    if (!wraps || !all[at + step]) return null;
    const other = Array.from(all[at + step].querySelectorAll("td[data-f]"));
    return (step > 0 ? other[0] : other[other.length - 1]) || null;
  }

  /* ---- selection ---- */
  const cellNow = () => (state.at ? find(state.at.id, state.at.name) : null);

  /* rows × columns of what is selected; one cell where it is a level's */
  function range() {
    const cell = cellNow();
    if (!cell) return [];
    const anchor = state.anchor && find(state.anchor.id, state.anchor.name);
    if (!anchor || anchor.closest(LEVELS) || cell.closest(LEVELS)) return [[cell]];
    const all = rows();
    const columns = bodyKeys();
    const [top, bottom] = [all.indexOf(anchor.closest("tr")), all.indexOf(cell.closest("tr"))].sort((a, b) => a - b);
    const [left, right] = [columns.indexOf(fieldOf(anchor)), columns.indexOf(fieldOf(cell))].sort((a, b) => a - b);
    return all.slice(top, bottom + 1).map((row) => columns.slice(left, right + 1).map((key) => inRow(row, key)));
  }

  function draw() {
    document.querySelectorAll(".is-picked, .is-active, .is-marked").forEach((one) => one.classList.remove("is-picked", "is-active", "is-marked"));
    const picked = range();
    if (picked.length > 1 || (picked[0] && picked[0].length > 1)) picked.forEach((line) => line.forEach((cell) => cell && cell.classList.add("is-picked")));
    const cell = cellNow();
    if (cell) cell.classList.add("is-active");
    state.marked.forEach((id) => { const row = document.getElementById(`i${id}`); if (row) row.classList.add("is-marked"); });
    document.dispatchEvent(new CustomEvent("grid:selected"));
  }

  function place() {
    const cell = cellNow();
    const frame = cell && cell.closest(".sheet-frame");
    if (!cell || !frame) { field.remove(); return; }
    if (field.parentNode !== frame) frame.append(field);
    const box = cell.getBoundingClientRect();
    const edge = frame.getBoundingClientRect();
    const line = cell.closest(LEVELS) ? (cell.matches(".points") ? box : holder(cell).getBoundingClientRect()) : box;
    field.style.left = `${line.left - edge.left - frame.clientLeft + frame.scrollLeft}px`;
    field.style.top = `${line.top - edge.top - frame.clientTop + frame.scrollTop}px`;
    field.style.width = `${Math.max(line.width, state.mode === "edit" ? 120 : 0)}px`;
    field.style.height = `${line.height}px`;
    if (state.mode === "edit" && field.scrollHeight > line.height) field.style.height = `${field.scrollHeight + 2}px`;
  }

  /* Brings the cell into the part of the frame that headings and frozen columns leave free. */
  function reveal(cell) {
    const frame = cell.closest(".sheet-frame");
    const box = cell.getBoundingClientRect();
    const edge = frame.getBoundingClientRect();
    const head = table().tHead.getBoundingClientRect().height;
    if (!cell.closest(LEVELS)) {
      if (box.top < edge.top + head) frame.scrollTop -= edge.top + head - box.top;
      else if (box.bottom > edge.top + frame.clientHeight) frame.scrollTop += Math.min(box.bottom - edge.top - frame.clientHeight, box.top - edge.top - head);
      const frozen = Array.from(table().tHead.rows[0].cells).filter((th) => table().classList.contains(`frozen-${th.dataset.col}`));
      const left = edge.left + frozen.reduce((sum, th) => sum + th.getBoundingClientRect().width, 0);
      if (box.left < left) frame.scrollLeft -= left - box.left;
      else if (box.right > edge.left + frame.clientWidth) frame.scrollLeft += Math.min(box.right - edge.left - frame.clientWidth, box.left - left);
    } else if (box.bottom < edge.top + head || box.top > edge.bottom) frame.scrollTop += box.top - edge.top - head;
  }

  function label(cell) {
    const key = keyOf(cell);
    const head = table().tHead.querySelector(`[data-col="${key === "name" ? bodyKeys()[0] : key}"]`);
    return `${head ? head.textContent : key[0] === "P" ? "分值" : "名称"}：${textOf(cell) || "空白"}`;
  }

  /* keep: the anchor stays, so the selection grows */
  function go(cell, keep) {
    if (!cell) return false;
    if (state.mode === "edit") commit();
    state.at = { id: idOf(cell), name: fieldOf(cell) };
    if (!keep || !state.anchor) state.anchor = state.at;
    state.mode = "wait";
    field.value = textOf(cell);
    field.readOnly = false;
    field.classList.add("is-waiting");
    field.setAttribute("aria-label", label(cell));
    reveal(cell);
    place();
    field.focus({ preventScroll: true });
    field.select();
    draw();
    return true;
  }

  function leave() {
    if (state.mode === "edit") commit();
    Object.assign(state, { at: null, anchor: null, mode: "" });
    state.marked.clear();
    field.remove();
    draw();
  }

  /* ---- typing ---- */
  function edit(quick) {
    if (state.mode === "edit" || !cellNow()) return;
    /* was: what the person saw; others may change the cell while it is written in */
    Object.assign(state, { mode: "edit", quick, was: textOf(cellNow()) });
    field.classList.remove("is-waiting");
    if (!quick) field.setSelectionRange(field.value.length, field.value.length);
    place();
    document.dispatchEvent(new CustomEvent("grid:edit"));
  }

  function commit() {
    if (state.mode !== "edit") return;
    const cell = cellNow();
    state.mode = "wait";
    field.classList.add("is-waiting");
    document.dispatchEvent(new CustomEvent("grid:done"));
    if (cell && field.value.trim() !== state.was.trim()) window.GridSave.change([{ cell, now: field.value.trim(), was: state.was }]);
  }

  function revert() {
    state.mode = "wait";
    document.dispatchEvent(new CustomEvent("grid:done"));
    go(cellNow());
  }

  /* ---- keys ---- */
  const ARROWS = { ArrowUp: [vertical, -1], ArrowDown: [vertical, 1], ArrowLeft: [horizontal, -1], ArrowRight: [horizontal, 1] };

  const along = (cell, step) => vertical(cell, step) || cell;

  function moving(event, cell) {
    const control = event.ctrlKey || event.metaKey;
    if (event.key === "Enter") return along(cell, event.shiftKey ? -1 : 1);
    if (event.key === "Tab") return horizontal(cell, event.shiftKey ? -1 : 1, true);
    if (event.key === "Home" || event.key === "End") {
      const row = control ? rows()[event.key === "Home" ? 0 : rows().length - 1] : cell.closest("tr");
      const line = row.querySelectorAll("td[data-f]");
      return line[event.key === "Home" ? 0 : line.length - 1];
    }
    if (event.key === "PageDown" || event.key === "PageUp") {
      let found = cell;
      for (let step = 0; step < 12; step += 1) found = along(found, event.key === "PageDown" ? 1 : -1);
      return found;
    }
    const arrow = ARROWS[event.key];
    return arrow ? arrow[0](cell, arrow[1]) : null;
  }

  function waiting(event, cell) {
    const control = event.ctrlKey || event.metaKey;
    if (event.key === "F2") edit(false);
    else if (event.key === "Escape") leave();
    else if (control && event.key === "a") {
      const all = rows();
      state.anchor = { id: all[0].dataset.id, name: "name" };
      go(Array.from(all[all.length - 1].querySelectorAll("td[data-f]")).pop(), true);
    } else {
      const next = !event.altKey && (!control || event.key === "Home" || event.key === "End") ? moving(event, cell) : null;
      if (!next) return;
      go(next, event.shiftKey && event.key !== "Enter" && event.key !== "Tab");
    }
    event.preventDefault();
  }

  function typing(event, cell) {
    if (event.key === "Escape") revert();
    else if (event.key === "Enter" && (event.altKey || event.ctrlKey)) {
      field.setRangeText("\n", field.selectionStart, field.selectionEnd, "end");
      place();
    } else if (event.key === "Enter" || event.key === "Tab" || (state.quick && ARROWS[event.key] && !event.shiftKey)) {
      const next = moving(event, cell);
      commit();
      go(next || cell);
    } else return;
    event.preventDefault();
  }

  field.addEventListener("keydown", (event) => {
    const cell = cellNow();
    if (!cell || event.isComposing || event.keyCode === 229) return;
    if (keys.some((act) => act(event, cell, state.mode))) { event.preventDefault(); return; }
    (state.mode === "edit" ? typing : waiting)(event, cell);
  });
  field.addEventListener("compositionstart", () => edit(true));
  field.addEventListener("input", () => { if (state.mode === "edit") place(); else edit(true); });
  field.addEventListener("mousedown", () => { if (state.mode === "wait") setTimeout(() => edit(false), 0); });
  field.addEventListener("blur", () => { if (state.mode === "edit" && document.hasFocus()) { commit(); draw(); } });

  /* ---- mouse ---- */
  let dragging = false;
  document.addEventListener("mousedown", (event) => {
    if (event.button !== 0 || event.target === field) return;
    const inside = event.target.closest("table[data-editable]");
    const cell = event.target.closest(CELL);
    if (!inside && state.at && !event.target.closest(".grid-bar, .bulk, .grid-problems, .name-list")) leave();
    if (!cell || event.target.closest("button, input, select, form, .grip, .editor, .level-editor")) return;
    event.preventDefault();
    if (!event.ctrlKey) state.marked.clear();
    dragging = true;
    go(cell, event.shiftKey);
  });
  document.addEventListener("mouseover", (event) => {
    const cell = dragging && event.buttons === 1 && event.target.closest(CELL);
    if (cell && cell !== cellNow() && !cell.closest(LEVELS)) go(cell, true);
  });
  document.addEventListener("mouseup", () => { dragging = false; });
  document.addEventListener("click", (event) => {
    if (event.target.closest("table[data-editable] a.edit") && !event.ctrlKey && !event.metaKey) event.preventDefault();
  });

  /* After rows were replaced: the same cell stays active, what is being typed stays typed. */
  function refresh() {
    rowsNow = null;
    const cell = cellNow();
    if (state.at && !cell) { leave(); return; }
    if (cell && state.mode === "wait") { field.value = textOf(cell); if (document.activeElement === field) field.select(); }
    place();
    draw();
  }

  document.addEventListener("grid:rows", refresh);
  document.addEventListener("htmx:afterSettle", refresh);
  window.addEventListener("resize", place);
  document.addEventListener("scroll", () => { const cell = cellNow(); if (cell && cell.closest(LEVELS)) place(); }, true);

  window.Grid = { state, field, keys, rows, table, idOf, fieldOf, textOf, setText, find, inRow, vertical, horizontal, bodyKeys, cellNow, range, draw, go, leave, edit, commit, place, refresh };
})();
