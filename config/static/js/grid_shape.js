/* Rows of a ledger's grid by button and key: inserted, moved, split, merged, retired, set all at once. */
(function () {
  "use strict";

  const { state, keys, range, rows, find, cellNow, idOf } = window.Grid;
  const bar = document.getElementById("grid-bar");
  if (!bar) return;
  const bulk = document.getElementById("bulk");

  /* Indicators that are meant: marked rows, else the rows of the selection, else the level whose cell is active. */
  function selected() {
    if (state.marked.size) return rows().map((row) => row.dataset.id).filter((id) => state.marked.has(id));
    const cell = cellNow();
    if (!cell) return [];
    if (cell.closest("th.level")) return [idOf(cell)];
    return Array.from(new Set(range().map((line) => line.find(Boolean)).filter(Boolean).map((one) => one.closest("tr").dataset.id)));
  }

  function ask(values, then) {
    const ids = values.ids || selected();
    if (!ids.length && values.do !== "add") { window.GridSave.words("先点选要处理的行"); return; }
    window.GridSave.act("act", { ...values, ids: ids.join(",") }).then((answer) => {
      if (!answer || answer.state !== "saved") return;
      state.marked.clear();
      const cell = answer.go && find(answer.go, "name");
      if (cell) { window.Grid.go(cell); if (then) then(); } else window.Grid.draw();
    });
  }

  function insert(where) {
    const [id] = where === "below" ? selected().slice(-1) : selected();
    ask(id ? { do: "add", where, of: id, ids: [id] } : { do: "add", where: "child", ids: [] }, () => { window.Grid.edit(true); window.Grid.field.select(); });
  }

  function retire() {
    const ids = selected();
    if (!ids.length) { window.GridSave.words("先点选要停用的行"); return; }
    const level = cellNow() && cellNow().closest("th.level");
    const question = level ? "停用这项指标和它下面的全部指标？可以撤销，也可以在“含停用的”中恢复。" : `停用选中的 ${ids.length} 项？可以撤销，也可以在“含停用的”中恢复。`;
    if (window.confirm(question)) ask({ do: "retire", ids });
  }

  function split() {
    const [id] = selected();
    if (!id) { window.GridSave.words("先点选要拆分的评估点"); return; }
    window.location.assign(`${bar.dataset.urls.replace(/\d+\/$/, "")}indicators/${id}/split/${window.location.search}`);
  }

  const ACTS = {
    undo: () => window.GridSave.undo(),
    redo: () => window.GridSave.redo(),
    above: () => insert("above"),
    below: () => insert("below"),
    child: () => insert("child"),
    up: () => ask({ do: "up" }),
    down: () => ask({ do: "down" }),
    indent: () => ask({ do: "indent" }),
    outdent: () => ask({ do: "outdent" }),
    split,
    merge: () => ask({ do: "merge" }),
    retire,
    fill: () => window.GridBlock.fill(),
    bulk: () => { bulk.hidden = !bulk.hidden; bar.querySelector("[data-do=bulk]").setAttribute("aria-expanded", String(!bulk.hidden)); if (!bulk.hidden) bulk.elements.parts.focus(); window.GridFrame.fit(); },
    detail: () => { const cell = cellNow(); if (cell) { window.Grid.leave(); window.LedgerForm.open(cell); } else window.GridSave.words("先点选一项指标"); },
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-do]");
    if (button && ACTS[button.dataset.do]) ACTS[button.dataset.do]();
    const share = event.target.closest("button.share");
    if (!share) return;
    event.preventDefault();
    ask({ do: "distribute", ids: [share.closest("[data-id]").dataset.id] });
  });

  const WAYS = { ArrowUp: "up", ArrowDown: "down", ArrowLeft: "outdent", ArrowRight: "indent" };
  keys.push((event, cell, mode) => {
    if (mode === "edit") return false;
    if (event.altKey && event.shiftKey && WAYS[event.key]) ACTS[WAYS[event.key]]();
    else if (event.key === "Enter" && event.ctrlKey) insert(event.shiftKey ? "above" : "below");
    else return false;
    return true;
  });

  /* ---- whole rows ---- */
  document.addEventListener("click", (event) => {
    const head = event.target.closest("table[data-editable] .rowno");
    const row = head && head.closest("tr[data-id]");
    if (!row) return;
    const line = Array.from(row.querySelectorAll("td[data-f]"));
    if (event.ctrlKey || event.metaKey) {
      if (!state.marked.size) selected().forEach((id) => state.marked.add(id));
      if (state.marked.has(row.dataset.id)) state.marked.delete(row.dataset.id);
      else state.marked.add(row.dataset.id);
      window.Grid.draw();
      return;
    }
    state.marked.clear();
    if (!event.shiftKey || !state.anchor) state.anchor = { id: row.dataset.id, name: "name" };
    window.Grid.go(line[line.length - 1], true);
  });

  document.addEventListener("grid:selected", () => {
    const count = selected().length;
    document.getElementById("bulk-count").textContent = count ? `已选 ${count} 行` : "没有选中行";
  });

  bulk.addEventListener("submit", (event) => {
    event.preventDefault();
    const values = Object.fromEntries(new FormData(bulk));
    const ids = selected();
    if (!ids.length) { window.GridSave.words("先点选要修改的行，再应用"); return; }
    window.GridSave.act("bulk", { ...values, ids: ids.join(",") });
  });

  window.GridShape = { ask, selected };
})();
