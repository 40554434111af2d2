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
    if (document.getElementById("later") && block.length > 1) {
      window.GridSave.words("正在载入其余指标…");
      window.GridFrame.whole().then(() => paste(text));
      return;
    }
    const corner = picked[0][0];
    if (corner.closest("th.level")) column(corner, block);
    else rectangle(corner, block);
  }

  /* The block's cells from that corner on; lines that find no row become rows of their own. */
  function rectangle(corner, block) {
    const all = rows();
    const columns = bodyKeys();
    const top = all.indexOf(corner.closest("tr"));
    const left = columns.indexOf(corner.dataset.f);
    const wide = Math.max(...block.map((line) => line.length));
    const fit = columns.slice(left, left + wide);
    const changes = block.slice(0, all.length - top).flatMap((line, down) => fit.slice(0, line.length).map((key, right) => ({ cell: inRow(all[top + down], key), now: line[right].trim() })));
    const beyond = block.slice(all.length - top).map((line) => fit.map((key, right) => [key, (line[right] || "").trim()]));
    while (beyond.length && beyond[beyond.length - 1].every(([, now]) => !now)) beyond.pop();
    const end = fit[fit.length - 1];
    if (wide > fit.length) window.GridSave.remark(`粘贴的内容比表格宽，最右 ${wide - fit.length} 列没有粘贴。`);
    const last = inRow(all[Math.min(top + block.length, all.length) - 1], end);
    if (!beyond.length || narrowed(beyond.length)) {
      put(changes);
      select(corner, last);
      return;
    }
    const real = changes.filter(({ cell, now }) => cell && textOf(cell).trim() !== now);
    window.GridSave.extend(real, beyond, all[all.length - 1].dataset.id).then((answer) => {
      const added = answer && answer.added && find(answer.added[answer.added.length - 1], end);
      select(find(window.Grid.idOf(corner), corner.dataset.f) || corner, added || last);
    });
  }

  function select(corner, last) {
    state.anchor = { id: window.Grid.idOf(corner), name: corner.dataset.f };
    if (last) window.Grid.go(last, true);
  }

  /* Where only a part of the ledger is shown, new rows would stand behind rows nobody sees. */
  function narrowed(lines) {
    const asked = new URLSearchParams(window.location.search);
    const found = ["q", "level", "unit", "role", "method", "pointless", "flawed"].some((name) => asked.get(name));
    if (found) window.GridSave.remark(`表格只显示了一部分，后 ${lines} 行没有粘贴；清除筛选条件后再粘贴。`);
    return found;
  }

  /* names of levels: the first column of the block, downwards */
  function column(corner, block) {
    let cell = corner;
    const changes = [];
    block.forEach((line) => {
      if (cell) changes.push({ cell, now: line[0].trim() });
      cell = cell && window.Grid.vertical(cell, 1);
    });
    if (changes.length < block.length) window.GridSave.remark(`这一级只剩 ${changes.length} 项，后 ${block.length - changes.length} 行没有粘贴。`);
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
