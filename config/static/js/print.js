/* On paper a merged cell does not follow its rows onto the next page. While the ledger is printed, each one is cut into
   pieces of a few rows, and every piece says whose rows they are. Without this file the first page alone says it. */
(function () {
  "use strict";

  const MOST = 4;
  let pieces = [];

  /* Row → its cells with the column each begins in, merged cells of earlier rows counted. */
  function columns(rows) {
    const left = [];
    return rows.map((row) => {
      let at = 0;
      const found = Array.from(row.cells).map((cell) => {
        while (left[at] > 0) at += 1;
        const here = at;
        for (let one = 0; one < cell.colSpan; one += 1, at += 1) left[at] = cell.rowSpan;
        return { cell, at: here };
      });
      left.forEach((rest, column) => { left[column] = Math.max(0, rest - 1); });
      return found;
    });
  }

  function piece(cell, span) {
    const made = document.createElement("th");
    made.className = "level";
    made.rowSpan = span;
    const name = document.createElement("span");
    name.className = "level-name";
    name.textContent = cell.querySelector(".level-name").textContent;
    const more = document.createElement("span");
    more.className = "points";
    more.textContent = "（续）";
    made.append(name, more);
    return made;
  }

  function cut(table) {
    const rows = Array.from(table.tBodies).flatMap((body) => Array.from(body.rows));
    const cells = columns(rows);
    rows.forEach((row, from) => {
      cells[from].slice().filter(({ cell }) => cell.matches(".level[rowspan]") && cell.rowSpan > MOST).forEach(({ cell, at }) => {
        const whole = cell.rowSpan;
        cell.rowSpan = MOST;
        const made = [];
        for (let done = MOST; done < whole; done += MOST) {
          const next = piece(cell, Math.min(MOST, whole - done));
          const line = cells[from + done];
          const place = line.findIndex((other) => other.at > at);
          rows[from + done].insertBefore(next, place < 0 ? null : line[place].cell);
          line.splice(place < 0 ? line.length : place, 0, { cell: next, at });
          made.push(next);
        }
        pieces.push({ cell, whole, made });
      });
    });
  }

  window.addEventListener("beforeprint", () => document.querySelectorAll("table.ledger").forEach(cut));
  window.addEventListener("afterprint", () => {
    pieces.forEach(({ cell, whole, made }) => {
      made.forEach((one) => one.remove());
      cell.rowSpan = whole;
    });
    pieces = [];
  });
})();
