/* Saving of cells and acts in a ledger's grid: one after the other, kept in this browser until the server has them; what
   others changed comes with every answer and every few seconds; undo and redo are changes of their own. */
(function () {
  "use strict";

  const { state, textOf, setText, idOf, fieldOf, find } = window.Grid;
  const POLL_SECONDS = 3;
  const RETRY_SECONDS = 5;
  const queue = new Map();
  const problems = new Map();
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

  /* Acts wait until all cells are saved: what is moved is what is seen. */
  function act(path, values) {
    window.Grid.commit();
    if (busy || queue.size) return flush().then(() => (failed ? undefined : act(path, values)));
    words("保存中…");
    busy = send(path, values)
      .then((answer) => { take(answer, []); return answer; })
      .catch((error) => { words(error.message); return null; })
      .finally(() => { busy = null; flush(); });
    return busy;
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
    const table = window.Grid.table();
    if (answer.whole) { reload(); return; }
    Object.entries(answer.fragments || {}).forEach(([id, html]) => swap(id, html));
    (answer.gone || []).forEach((id) => { const body = document.getElementById(`c${id}`); if (body) body.remove(); });
    if (answer.order) arrange(table, answer.order, answer.fragments);
    if (answer.version) table.dataset.version = answer.version;
    (answer.touched || []).forEach((id) => flash(document.getElementById(`i${id}`) || document.getElementById(`n${id}`)));
    if (answer.said) note(answer.said);
    again();
    document.dispatchEvent(new CustomEvent("grid:rows"));
  }

  function made(id, html) {
    if (id[0] === "s") return new DOMParser().parseFromString(html, "text/html").getElementById(id);
    return window.GridFrame.parse(html, id[0] === "i").find((one) => one.id === id);
  }

  function swap(id, html) {
    const old = document.getElementById(id);
    if (old && !old.querySelector("form.editor-form")) old.replaceWith(made(id, html));
  }

  /* Chapters in their order; new ones come in, those not yet loaded come by themselves later. */
  function arrange(table, order, fragments) {
    const later = document.getElementById("later");
    const known = new Set(Array.from(table.tBodies).map((body) => body.id));
    const last = later ? order.map((id) => known.has(`c${id}`)).lastIndexOf(true) : order.length;
    let before = table.tHead;
    order.slice(0, last + 1).forEach((id) => {
      const body = document.getElementById(`c${id}`) || (fragments[`c${id}`] && made(`c${id}`, fragments[`c${id}`]));
      if (!body) return;
      if (before.nextElementSibling !== body) before.after(body);
      before = body;
    });
    const wanted = new Set(order.map((id) => `c${id}`));
    Array.from(table.tBodies).filter((body) => body.id !== "later" && !wanted.has(body.id)).forEach((body) => body.remove());
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
    list.hidden = !problems.size;
    list.replaceChildren(...Array.from(problems.values()).map(line));
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
  window.GridSave = { change, act, undo: () => walk("undo", "redo"), redo: () => walk("redo", "undo"), words };
  restore();
})();
