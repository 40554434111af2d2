/* Moving between cells by keyboard, and pasting a block copied from a spreadsheet. Stands on cells.js.

   Enter: the cell below · Alt+Enter: a new line · arrows: the neighbour, when the caret has nowhere to go · Esc: what was saved.
   Keys that belong to an input method (pinyin being typed) are left alone. */
(function () {
  "use strict";

  const { commit, rowOf, cellsOf, nameOf, fit, ROW } = window.Cells;
  let pasted = null;

  const typed = (cell) => cell.dispatchEvent(new Event("input", { bubbles: true }));

  function neighbour(cell, step) {
    const all = Array.from(document.querySelectorAll(ROW));
    for (let at = all.indexOf(cell.closest(ROW)) + step; at >= 0 && at < all.length; at += step) {
      const found = cellsOf(all[at]).find((other) => nameOf(other) === nameOf(cell) && !other.disabled && !other.readOnly);
      if (found) return found;
    }
    return null;
  }

  function beside(cell, step) {
    const all = cellsOf(cell.closest(ROW)).filter((other) => !other.disabled && !other.readOnly);
    return all[all.indexOf(cell) + step] || null;
  }

  function go(target) {
    if (!target) return false;
    target.focus();
    if (target.select) target.select();
    return true;
  }

  /* May an arrow leave the cell? Only where the caret could not move inside it. */
  function atEdge(cell, key) {
    if (cell.tagName === "SELECT") return false;
    const { selectionStart: from, selectionEnd: to, value } = cell;
    if (from === 0 && to === value.length) return true;
    if (from !== to) return false;
    if (key === "ArrowLeft") return from === 0;
    if (key === "ArrowRight") return to === value.length;
    const oneLine = cell.tagName === "INPUT" || cell.clientHeight < 2 * parseFloat(getComputedStyle(cell).lineHeight);
    return oneLine || (key === "ArrowUp" ? from === 0 : to === value.length);
  }

  function newLine(cell) {
    if (cell.tagName !== "TEXTAREA") return;
    cell.setRangeText("\n", cell.selectionStart, cell.selectionEnd, "end");
    typed(cell);
  }

  function undoPaste() {
    const before = pasted;
    pasted = null;
    before.forEach(({ cell, value }) => { cell.value = value; fit(cell); typed(cell); });
    new Set(before.map(({ cell }) => cell.closest(ROW))).forEach(commit);
  }

  document.addEventListener("keydown", (event) => {
    const cell = event.target;
    if (!cell.matches || !cell.matches(".cell") || !cell.closest(ROW) || event.isComposing || event.keyCode === 229) return;
    const control = event.ctrlKey || event.metaKey;
    if (event.key === "Enter" && (event.altKey || control)) {
      event.preventDefault();
      newLine(cell);
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (!go(neighbour(cell, event.shiftKey ? -1 : 1))) commit(cell.closest(ROW));
    } else if (event.key === "Escape") {
      cell.value = rowOf(cell.closest(ROW)).saved[nameOf(cell)];
      fit(cell);
      typed(cell);
      commit(cell.closest(ROW));
    } else if (event.key === "z" && control && pasted) {
      event.preventDefault();
      undoPaste();
    } else if (event.key.startsWith("Arrow") && !control && !event.shiftKey && !event.altKey && atEdge(cell, event.key)) {
      const step = event.key === "ArrowUp" || event.key === "ArrowLeft" ? -1 : 1;
      const target = event.key === "ArrowUp" || event.key === "ArrowDown" ? neighbour(cell, step) : beside(cell, step);
      if (go(target)) event.preventDefault();
    }
  });

  document.addEventListener("input", (event) => {
    if (event.isTrusted) pasted = null;
  });

  /* Tab-separated text as spreadsheets copy it; a quoted cell may hold line breaks and doubled quotes. */
  function grid(text) {
    const lines = [[]];
    const part = /(?:"((?:[^"]|"")*)"|([^\t\n]*))(\t|\n|$)/y;
    for (let match = part.exec(text); match; match = part.exec(text)) {
      lines[lines.length - 1].push(match[1] === undefined ? match[2] : match[1].replace(/""/g, '"'));
      if (match[3] === "") break;
      if (match[3] === "\n") lines.push([]);
    }
    return lines;
  }

  document.addEventListener("paste", (event) => {
    const cell = event.target;
    if (!cell.matches || !cell.matches(".cell") || !cell.closest(ROW)) return;
    const text = event.clipboardData.getData("text/plain").replace(/\r\n?/g, "\n").replace(/\n$/, "");
    const isBlock = text.includes("\t") || (cell.tagName === "INPUT" && text.includes("\n"));
    if (!isBlock) return;
    event.preventDefault();
    const before = [];
    let start = cell;
    grid(text).forEach((line) => {
      let target = start;
      line.forEach((value) => {
        if (!target) return;
        before.push({ cell: target, value: target.value });
        target.value = value.trim();
        fit(target);
        target = beside(target, 1);
      });
      start = start && neighbour(start, 1);
    });
    before.forEach((one) => typed(one.cell));
    new Set(before.map((one) => one.cell.closest(ROW))).forEach(commit);
    pasted = before;
  });
})();
