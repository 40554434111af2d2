/* Blocks of cells: copied, cut and pasted as spreadsheets write them, filled down, emptied; undo and redo by key. */
(function () {
  "use strict";

  const { state, field, keys, range, textOf, inRow, rows, bodyKeys, cellNow, find } = window.Grid;
  const control = (event) => event.ctrlKey || event.metaKey;

  /* Tab-separated text; a quoted cell may hold tabs, line breaks and doubled quotes. */
  function parse(text) {
    const lines = [[]];
    const part = /(?:"((?:[^"]|"")*)"(?=[\t\n]|$)|([^\t\n]*))(\t|\n|$)/y;
    for (let match = part.exec(text); match; match = part.exec(text)) {
      lines[lines.length - 1].push(match[1] === undefined ? match[2] : match[1].replace(/""/g, '"'));
      if (match[3] === "") break;
      if (match[3] === "\n") lines.push([]);
    }
    return lines;
  }

  const quoted = (text) => (/[\t\n"]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text);
  const written = () => range().map((line) => line.map((cell) => (cell ? quoted(textOf(cell)) : "")).join("\t")).join("\n");

  function put(changes) {
    const real = changes.filter(({ cell, now }) => cell && textOf(cell).trim() !== now);
    if (real.length) window.GridSave.change(real);
    window.Grid.refresh();
  }

  function empty() {
    const cells = range().flat().filter(Boolean);
    put(cells.filter((cell) => cell.dataset.f !== "name").map((cell) => ({ cell, now: "" })));
    if (cells.some((cell) => cell.dataset.f === "name")) window.GridSave.words("名称不能清空；不要的行用“停用”");
  }

  function fill() {
    const [first, ...others] = range();
    if (!first || !others.length) { window.GridSave.words("先向下选中要填充的单元格，第一行是要填的内容"); return; }
    put(others.flatMap((line) => line.map((cell, at) => ({ cell: first[at] && cell, now: first[at] ? textOf(first[at]) : "" }))));
  }

  function paste(text) {
    const block = parse(text.replace(/\r\n?/g, "\n").replace(/\n$/, ""));
    const picked = range();
    const single = block.length === 1 && block[0].length === 1;
    if (single || !picked.length) {
      put(picked.flat().map((cell) => ({ cell, now: block[0][0].trim() })));
      return;
    }
    const corner = picked[0][0];
    const wide = Math.max(...block.map((line) => line.length));
    if (corner.closest("th.level")) { column(corner, block); return; }
    const all = rows();
    const columns = bodyKeys();
    const top = all.indexOf(corner.closest("tr"));
    const left = columns.indexOf(corner.dataset.f);
    const changes = block.flatMap((line, down) => line.map((now, right) => {
      const row = all[top + down];
      return { cell: row && columns[left + right] ? inRow(row, columns[left + right]) : null, now: now.trim() };
    }));
    const lost = changes.filter(({ cell }) => !cell).length;
    const bottom = all[Math.min(top + block.length, all.length) - 1];
    const last = inRow(bottom, columns[Math.min(left + wide, columns.length) - 1]);
    put(changes);
    state.anchor = { id: window.Grid.idOf(corner), name: corner.dataset.f };
    if (last) window.Grid.go(last, true);
    if (lost) window.GridSave.words(`粘贴的内容超出表格，${lost} 个单元格没有用上；先插入行再粘贴`);
  }

  /* names of levels: the first column of the block, downwards */
  function column(corner, block) {
    let cell = corner;
    const changes = [];
    block.forEach((line) => {
      if (cell) changes.push({ cell, now: line[0].trim() });
      cell = cell && window.Grid.vertical(cell, 1);
    });
    put(changes);
  }

  field.addEventListener("copy", (event) => {
    if (state.mode !== "wait") return;
    event.clipboardData.setData("text/plain", written());
    event.preventDefault();
  });
  field.addEventListener("cut", (event) => {
    if (state.mode !== "wait") return;
    event.clipboardData.setData("text/plain", written());
    event.preventDefault();
    empty();
  });
  field.addEventListener("paste", (event) => {
    const text = event.clipboardData.getData("text/plain");
    if (state.mode === "edit" && !/\t/.test(text)) return;
    event.preventDefault();
    if (state.mode === "edit") window.Grid.commit();
    if (text) paste(text);
  });

  keys.push((event, cell, mode) => {
    const key = event.key.toLowerCase();
    if (mode === "edit") return false;
    if (control(event) && key === "z" && !event.shiftKey) window.GridSave.undo();
    else if (control(event) && (key === "y" || (key === "z" && event.shiftKey))) window.GridSave.redo();
    else if (control(event) && key === "d") fill();
    else if (event.key === "Delete" || event.key === "Backspace") empty();
    else return false;
    return true;
  });

  /* Undo also works while no cell is active. */
  document.addEventListener("keydown", (event) => {
    if (!control(event) || event.target === field || event.target.closest("input, textarea, select")) return;
    const key = event.key.toLowerCase();
    if (key !== "z" && key !== "y") return;
    event.preventDefault();
    if (key === "y" || event.shiftKey) window.GridSave.redo();
    else window.GridSave.undo();
  });

  window.GridBlock = { fill, parse, paste, selected: () => (cellNow() ? find(state.at.id, state.at.name) : null) };
})();
