/* Saving of cells and acts in a ledger's grid: one after the other, kept in this browser until the server has them; what
   others changed comes with every answer and every few seconds; undo and redo are changes of their own. */
(function () {
  "use strict";

  const { state, textOf, setText, idOf, fieldOf, find } = window.Grid;
  const POLL_SECONDS = 3;
  const RETRY_SECONDS = 5;
  const queue = new Map();
  const problems = new Map();
  const remarks = new Set();
  const bar = document.getElementById("grid-bar");
  if (!bar) return;
  const base = bar.dataset.urls;
  const storeName = `grid:${document.body.dataset.user}:${base}`;
  let busy = null;
  let flying = [];
  let failed = false;
  let timer = 0;
  let ended = false;

  const keyOf = (one) => `${one.id}:${one.field}`;
  const version = () => window.Grid.table().dataset.version;
  const words = (text) => { document.getElementById("grid-state").textContent = text; };
  const clock = () => new Date().toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit", hour12: false });

  /* ---- to the server ---- */
  function send(path, values) {
    const body = new URLSearchParams({ ...values, version: version(), frame: window.Grid.table().dataset.frame });
    const stop = new AbortController();
    const limit = setTimeout(() => stop.abort(), 30000);
    return fetch(`${base}${path}/${window.location.search}`, {
      method: "POST", body, credentials: "same-origin", signal: stop.signal,
      headers: { "X-CSRFToken": window.GridFrame.csrf(), "X-Requested-With": "XMLHttpRequest", Accept: "application/json" },
    }).then((answer) => {
      if (answer.ok && !answer.redirected && (answer.headers.get("Content-Type") || "").includes("json")) return answer.json();
      throw new Error(answer.redirected || answer.status === 401 || answer.status === 403 ? "登录已失效，重新登录后自动保存" : "保存失败，将自动重试");
    }).finally(() => clearTimeout(limit));
  }

  function keep() {
    try { window.localStorage.setItem(storeName, JSON.stringify([...flying, ...queue.values()])); } catch (error) { /* full: the page still has it */ }
  }

  /* list: [{cell, now, was}]; was: what the person saw, without it what stands there */
  function change(list) {
    list.forEach(({ cell, now, was = textOf(cell) }) => {
      const one = { id: Number(idOf(cell)), field: fieldOf(cell), was, now };
      const key = keyOf(one);
      const waiting = queue.get(key);
      if (problems.has(key) && !waiting) one.was = problems.get(key).was;
      queue.set(key, waiting ? { ...waiting, now } : one);
      problems.delete(key);
      setText(cell, now);
      cell.classList.remove("is-off");
      cell.classList.add("is-pending");
    });
    tell();
    keep();
    flush();
  }

  function flush() {
    if (busy || !queue.size) return busy || Promise.resolve();
    flying = [...queue.values()];
    queue.clear();
    words("保存中…");
    const sent = flying;
    busy = send("cells", { changes: JSON.stringify(sent.map((one) => [one.id, one.field, one.was, one.now])) })
      .then((answer) => { failed = false; flying = []; take(answer, sent); })
      .catch((error) => {
        failed = true;
        flying = [];
        sent.forEach((one) => { const newer = queue.get(keyOf(one)); queue.set(keyOf(one), newer ? { ...newer, was: one.was } : one); });
        words(`${queue.size} 处没有保存：${error.message.startsWith("登录") ? error.message : "保存失败，将自动重试"}`);
        setTimeout(flush, RETRY_SECONDS * 1000);
      })
      .finally(() => { busy = null; keep(); if (!failed) flush(); });
    return busy;
  }

  /* Acts wait until all cells are saved and all rows are there: what is moved is what is seen.
     sent: answer → the cells that went along, for what is said about each. */
  function act(path, values, sent) {
    window.Grid.commit();
    if (busy || queue.size) return flush().then(() => (failed ? undefined : act(path, values, sent)));
    if (document.getElementById("later")) {
      words("正在载入其余指标…");
      return window.GridFrame.whole().then(() => act(path, values, sent));
    }
    words("保存中…");
    busy = send(path, values)
      .then((answer) => { take(answer, sent ? sent(answer) : []); return answer; })
      .catch((error) => { words(error.message.startsWith("登录") ? "登录已失效，重新登录后再做一次" : "没有保存：服务器没有回应，再做一次"); return null; })
      .finally(() => { busy = null; flush(); });
    return busy;
  }

  /* A block that goes beyond the last row: its cells, and the rows that it adds behind `below`, are one step.
     changes: [{cell, now}], lines: of each new row [[field, text], …] */
  function extend(changes, lines, below) {
    const cells = changes.map(({ cell, now }) => ({ id: Number(idOf(cell)), field: fieldOf(cell), was: textOf(cell), now }));
    const added = (answer) => (answer.added || []).flatMap((id, at) => lines[at].map(([field, now]) => ({ id, field, was: "", now })));
    const values = { changes: JSON.stringify(cells.map((one) => [one.id, one.field, one.was, one.now])), rows: JSON.stringify(lines), below };
    return act("cells", values, (answer) => {
      if (answer.state === "refused") { remark(`没有粘贴：${answer.message}`); return []; }
      return [...cells, ...added(answer)];
    });
  }

  /* ---- from the server ---- */
  function take(answer, sent) {
    if (answer.state === "refused") {
      sent.forEach((one) => problem(one, { state: "refused", message: answer.message }));
      words(answer.message);
      tell();
      return;
    }
    (answer.outcomes || []).forEach(([id, field, outcome, message, theirs, by]) => {
      const one = sent.find((other) => other.id === id && other.field === field);
      if (outcome !== "saved" && one) problem(one, { state: outcome, message, theirs, by });
    });
    apply(answer);
    if (answer.step) window.GridSteps.push(answer.step);
    words(problems.size ? `${problems.size} 处没有保存` : answer.message ? `${answer.message} · 已保存 ${clock()}` : `已保存 ${clock()}`);
    tell();
    document.dispatchEvent(new CustomEvent("cells:answered", { detail: answer }));
    facts();
  }

  function problem(one, more) {
    problems.set(keyOf(one), { ...one, ...more });
    const later = queue.get(keyOf(one));
    if (later) later.was = one.was;
  }

  function apply(answer) {
    if (answer.whole || !window.GridApply.rows(answer)) { reload(); return; }
    if (answer.version) window.Grid.table().dataset.version = answer.version;
    (answer.touched || []).forEach((id) => flash(document.getElementById(`i${id}`) || document.getElementById(`n${id}`)));
    if (answer.said) note(answer.said);
    again();
    document.dispatchEvent(new CustomEvent("grid:rows"));
  }

  /* What is still on its way, or was refused, stands in its cell again. */
  function again() {
    [...flying, ...queue.values(), ...problems.values()].forEach((one) => {
      const cell = find(one.id, one.field);
      if (!cell) return;
      setText(cell, one.now);
      cell.classList.add(problems.has(keyOf(one)) ? "is-off" : "is-pending");
    });
  }

  function reload() {
    htmx.ajax("GET", window.location.pathname + window.location.search, { target: "#ledger", select: "#ledger", swap: "outerHTML show:none" });
  }

  function facts() {
    clearTimeout(timer);
    timer = setTimeout(() => htmx.ajax("GET", `${base}facts/${window.location.search}`, { target: "#facts", swap: "none" }), 900);
  }

  function flash(place) {
    if (!place) return;
    place.classList.add("is-others");
    setTimeout(() => place.classList.remove("is-others"), 6000);
  }

  function note(text) {
    const place = document.createElement("span");
    place.className = "grid-others";
    place.textContent = `${text} ${clock()}`;
    document.querySelectorAll(".grid-others").forEach((old) => old.remove());
    document.getElementById("grid-state").before(place);
    setTimeout(() => place.remove(), 15000);
  }

  /* ---- what was not saved, each with a way out ---- */
  function tell() {
    const list = document.getElementById("grid-problems");
    const was = list.hidden;
    list.hidden = !problems.size && !remarks.size;
    list.replaceChildren(...Array.from(remarks).map(remarked), ...Array.from(problems.values()).map(line));
    if (list.hidden !== was) window.GridFrame.fit();
  }

  /* What did not become of an act, in a sentence that stays until it is read. */
  function remark(text) {
    remarks.add(text);
    tell();
  }

  function remarked(text) {
    const item = document.createElement("li");
    const control = document.createElement("button");
    control.type = "button";
    control.className = "btn btn-sm btn-outline";
    control.textContent = "知道了";
    control.addEventListener("click", () => { remarks.delete(text); tell(); });
    item.append(text, " ", control);
    return item;
  }

  function line(one) {
    const item = document.createElement("li");
    const text = document.createElement("span");
    text.textContent = one.state === "conflict" ? `您填的“${one.now || "空白"}”没有保存：${one.message}` : `“${one.now}”没有保存：${one.message}`;
    item.append(text);
    const cell = () => find(one.id, one.field);
    const button = (label, run) => {
      const control = document.createElement("button");
      control.type = "button";
      control.className = "btn btn-sm btn-outline";
      control.textContent = label;
      control.addEventListener("click", () => {
        problems.delete(keyOf(one));
        run();
        window.Grid.refresh();
        tell();
      });
      item.append(" ", control);
    };
    if (one.state === "conflict") {
      button("用我的", () => { setText(cell(), one.theirs); change([{ cell: cell(), now: one.now }]); });
      button("用对方的", () => settle(cell(), one.theirs));
    } else {
      button("去修改", () => { problems.set(keyOf(one), one); window.Grid.go(cell()); window.Grid.edit(false); });
      button("改回原值", () => settle(cell(), one.was));
    }
    if (cell()) cell().classList.add("is-off");
    return item;
  }

  function settle(cell, text) {
    if (!cell) return;
    setText(cell, text);
    cell.classList.remove("is-off", "is-pending");
  }

  /* ---- undo and redo ---- */
  function walk(from, to) {
    window.Grid.commit();
    if (busy || queue.size) { flush().then(() => (failed ? undefined : walk(from, to))); return; }
    const known = window.GridSteps.known();
    const step = known[from].pop();
    if (!step) return;
    words(from === "undo" ? "撤销中…" : "重做中…");
    busy = send("take-back", { step })
      .then((answer) => {
        window.GridSteps.keep(answer.step ? { ...known, [to]: [...known[to], answer.step] } : known);
        take({ ...answer, step: null }, []);
        if (answer.state === "saved") words(`${from === "undo" ? "已撤销" : "已重做"} ${clock()}`);
      })
      .catch((error) => words(error.message))
      .finally(() => { busy = null; flush(); });
  }

  /* ---- what others do ---- */
  function poll() {
    if (ended || busy || queue.size || document.hidden || !window.Grid.table()) return;
    const query = new URLSearchParams(window.location.search);
    query.set("version", version());
    query.set("frame", window.Grid.table().dataset.frame);
    fetch(`${base}since/?${query}`, { credentials: "same-origin", cache: "no-store", headers: { "X-Background": "1", "HX-Request": "true" } })
      .then((answer) => {
        if (answer.status === 286) { ended = true; words("台账已不是草稿，不能再修改；重新载入页面查看"); }
        return answer.status === 200 ? answer.json() : null;
      })
      .then((answer) => { if (answer && !busy) { apply(answer); facts(); } })
      .catch(() => undefined);
  }

  function restore() {
    let old = [];
    try { old = JSON.parse(window.localStorage.getItem(storeName)) || []; } catch (error) { return; }
    old.forEach((one) => {
      const cell = find(one.id, one.field);
      if (!cell) return;
      queue.set(keyOf(one), one);
      setText(cell, one.now);
      cell.classList.add("is-pending");
    });
    if (old.length) flush();
  }

  setInterval(poll, POLL_SECONDS * 1000);
  window.addEventListener("online", flush);
  window.addEventListener("beforeunload", (event) => {
    if (state.mode === "edit") window.Grid.commit();
    if (queue.size || flying.length) { event.preventDefault(); event.returnValue = ""; }
  });
  window.GridSave = { change, act, extend, remark, undo: () => walk("undo", "redo"), redo: () => walk("redo", "undo"), words };
  restore();
})();
