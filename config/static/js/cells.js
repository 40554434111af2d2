/* Cells of a sheet that save themselves.

   <tr data-save-url="…" data-version="3"> … <input class="cell" name="self" data-maximum="0.50" data-words="不涉及">
   <textarea class="cell" name="reason" data-reason rows="1"> … <td data-row-state role="status"></td></tr>

   A cell's name is its data-cell, else its name: pages that also work as one form number the names (name="self-12" data-cell="self").
   A row is posted (form-encoded: its cells by name, version, key) when a changed cell is left. The answer is JSON:
   {state: "saved" | "invalid" | "conflict", message, version, saved_at, <cell name>: canonical text, field: name of the wrong cell,
    theirs: {by, <cell name>: text}, totals: {element id: text}}.
   What could not be saved stays in the cell, is kept in this browser and sent again. Keyboard and paste: cells_keys.js. */
(function () {
  "use strict";

  const ROW = "tr[data-save-url]";
  const OPEN = ["typing", "saving", "lacking", "invalid", "failed", "conflict"];
  const HELD = ["lacking", "invalid"];  /* not sent before a person has mended it */
  const KEEP_DAYS = 30;
  const RETRY_SECONDS = 15;
  const rows = new WeakMap();
  const storeName = `cells:${document.body.dataset.user || ""}`;

  const nameOf = (cell) => cell.dataset.cell || cell.name;
  const cellsOf = (tr) => Array.from(tr.querySelectorAll(".cell[name]"));
  const valuesOf = (tr) => Object.fromEntries(cellsOf(tr).map((cell) => [nameOf(cell), cell.value]));
  const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);
  const plain = (text) => text.normalize("NFKC").trim();

  /* What a row last agreed on with the server, and what is on its way. */
  function rowOf(tr) {
    if (!rows.has(tr)) {
      const first = Object.fromEntries(cellsOf(tr).map((cell) => [nameOf(cell), cell.tagName === "SELECT" ? cell.value : cell.defaultValue]));
      const place = tr.querySelector("[data-row-state]");
      const begun = { state: tr.dataset.state || "", words: place ? place.textContent : "" };
      rows.set(tr, { saved: first, begun, busy: false, again: false, key: "", keyFor: null, savedAt: "" });
    }
    return rows.get(tr);
  }

  function token() {
    if (window.crypto.randomUUID) return window.crypto.randomUUID();
    const bytes = window.crypto.getRandomValues(new Uint8Array(16));
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  function csrf() {
    return JSON.parse(document.body.getAttribute("hx-headers") || "{}")["X-CSRFToken"] || "";
  }

  /* ---- what is kept in this browser: {save url: {values, version, key, at}} ---- */
  function kept() {
    try { return JSON.parse(window.localStorage.getItem(storeName)) || {}; } catch (error) { return {}; }
  }

  function keep(tr, values) {
    const all = kept();
    const url = tr.dataset.saveUrl;
    if (values) all[url] = { values, version: tr.dataset.version, key: keyOf(tr, values), at: Date.now() };
    else delete all[url];
    try { window.localStorage.setItem(storeName, JSON.stringify(all)); } catch (error) { /* full or closed: the cell still holds it */ }
  }

  /* ---- words and colours ---- */
  function count() {
    const open = document.querySelectorAll(`${ROW}[data-pending]`).length;
    document.querySelectorAll("[data-unsaved-count]").forEach((place) => { place.textContent = String(open); });
    document.querySelectorAll("[data-unsaved]").forEach((place) => { place.hidden = open === 0; });
  }

  function show(tr, state, words, off) {
    tr.dataset.state = state;
    tr.toggleAttribute("data-pending", OPEN.includes(state));
    cellsOf(tr).forEach((cell) => {
      const wrong = (off || []).includes(nameOf(cell));
      cell.classList.toggle("is-off", wrong);
      if (wrong && !["warned", "lacking"].includes(state)) cell.setAttribute("aria-invalid", "true");
      else cell.removeAttribute("aria-invalid");
    });
    const place = tr.querySelector("[data-row-state]");
    if (place) place.textContent = words;
    count();
  }

  /* The same rules as the server's, said at once. It has the last word. */
  function check(tr) {
    const score = tr.querySelector(".cell[data-maximum]");
    if (!score || plain(score.value) === "") return null;
    const most = score.dataset.maximum.replace(/(\.\d*?)0+$/, "$1").replace(/\.$/, "");
    const label = score.dataset.label || "自评得分";
    const text = plain(score.value);
    const reason = tr.querySelector(".cell[data-reason]");
    const silent = reason && plain(reason.value) === "";
    if ((score.dataset.words || "").split(",").includes(text)) {
      return silent ? { state: "lacking", words: `${text}，请写原因，未保存`, off: [nameOf(reason)] } : null;
    }
    if (!/^\d+(\.\d{1,4})?$/.test(text)) return { state: "invalid", words: `${label}填 0 到 ${most} 之间的数，未保存`, off: [nameOf(score)] };
    if (Number(text) > Number(most)) return { state: "invalid", words: `${label}不能超过 ${most}，未保存`, off: [nameOf(score)] };
    if (silent && Number(text) < Number(most)) {
      return { state: "warned", words: "低于满分，请写扣分原因", off: [nameOf(score), nameOf(reason)] };
    }
    return null;
  }

  function settle(tr, message) {
    const row = rowOf(tr);
    const found = check(tr);
    const done = [row.savedAt && `已保存 ${row.savedAt}`, message].filter(Boolean).join("，");
    if (!row.savedAt && same(row.saved, valuesOf(tr)) && !message) show(tr, row.begun.state, row.begun.words, found ? found.off : []);
    else if (found && found.state === "warned") show(tr, "warned", [row.savedAt && `已保存 ${row.savedAt}`, found.words].filter(Boolean).join("，"), found.off);
    else show(tr, message ? "warned" : row.savedAt ? "saved" : "", done);
  }

  /* ---- saving ---- */
  function commit(tr) {
    const row = rowOf(tr);
    const values = valuesOf(tr);
    if (row.busy) { row.again = true; return; }
    if (tr.dataset.state === "conflict") return;
    if (same(values, row.saved)) {
      if (tr.hasAttribute("data-pending")) { keep(tr, null); settle(tr); }
      return;
    }
    const found = check(tr);
    if (found && HELD.includes(found.state)) {
      show(tr, found.state, found.words, found.off);
      keep(tr, values);
      return;
    }
    send(tr, values);
  }

  /* The same content over the same version keeps its key, so a retry is known for one. */
  function keyOf(tr, values) {
    const row = rowOf(tr);
    const asked = JSON.stringify([values, tr.dataset.version]);
    if (row.keyFor !== asked) { row.key = token(); row.keyFor = asked; }
    return row.key;
  }

  function post(tr, values) {
    const body = new URLSearchParams(values);
    body.set("version", tr.dataset.version || "");
    body.set("key", keyOf(tr, values));
    const stop = new AbortController();
    const clock = setTimeout(() => stop.abort(), 20000);
    return fetch(tr.dataset.saveUrl, {
      method: "POST", body, credentials: "same-origin", signal: stop.signal,
      headers: { "X-CSRFToken": csrf(), "X-Requested-With": "XMLHttpRequest", Accept: "application/json" },
    }).finally(() => clearTimeout(clock));
  }

  function send(tr, values) {
    const row = rowOf(tr);
    row.busy = true;
    row.again = false;
    show(tr, "saving", "保存中…");
    keep(tr, values);
    post(tr, values).then((answer) => {
      const isJson = (answer.headers.get("Content-Type") || "").includes("json");
      if (isJson) return answer.json().then((told) => take(tr, values, told));
      if (answer.redirected || [401, 403].includes(answer.status)) return show(tr, "failed", "登录已失效，已保留输入；重新登录后再次保存");
      return show(tr, "failed", "保存失败，已保留输入");
    }).catch(() => show(tr, "failed", "保存失败，已保留输入")).finally(() => {
      row.busy = false;
      if (row.again) { row.again = false; commit(tr); }
    });
  }

  function take(tr, sent, told) {
    const row = rowOf(tr);
    document.dispatchEvent(new CustomEvent("cells:answered", { detail: told }));
    Object.entries(told.totals || {}).forEach(([id, text]) => {
      const place = document.getElementById(id);
      if (place) place.textContent = text;
    });
    if (told.state === "saved") {
      keep(tr, null);
      tr.dataset.version = told.version;
      row.savedAt = told.saved_at || "";
      row.saved = Object.assign({}, sent);
      cellsOf(tr).forEach((cell) => {
        if (typeof told[nameOf(cell)] !== "string") return;
        const canonical = told[nameOf(cell)].replace(/\r\n/g, "\n");
        row.saved[nameOf(cell)] = canonical;
        if (cell.value === sent[nameOf(cell)]) { cell.value = canonical; fit(cell); }
      });
      if (same(valuesOf(tr), row.saved)) settle(tr, told.message);
      else show(tr, "typing", "未保存");
    } else if (told.state === "conflict") {
      clash(tr, told);
    } else {
      show(tr, "invalid", told.message || "没有保存", told.field ? [told.field] : cellsOf(tr).map((cell) => nameOf(cell)));
    }
  }

  /* Both values stand side by side; a person decides. */
  function clash(tr, told) {
    const theirs = told.theirs || {};
    show(tr, "conflict", told.message || `有冲突：${theirs.by || "他人"}已先保存`, cellsOf(tr).map((cell) => nameOf(cell)));
    const place = tr.querySelector("[data-row-state]");
    if (!place) return;
    const line = document.createElement("span");
    line.className = "theirs";
    line.textContent = `对方：${cellsOf(tr).map((cell) => theirs[nameOf(cell)]).filter(Boolean).join("，") || "空白"}`;
    const buttons = document.createElement("span");
    buttons.className = "btns";
    const button = (words, act) => {
      const made = document.createElement("button");
      made.type = "button";
      made.className = "btn btn-sm btn-outline";
      made.textContent = words;
      made.addEventListener("click", act);
      buttons.append(made);
    };
    const agree = () => {
      tr.dataset.version = told.version;
      rowOf(tr).saved = Object.fromEntries(cellsOf(tr).map((cell) => [nameOf(cell), String(theirs[nameOf(cell)] || "")]));
    };
    button("保留我的", () => { agree(); show(tr, "saving", "保存中…"); commit(tr); });
    button("采用对方的", () => {
      agree();
      cellsOf(tr).forEach((cell) => { cell.value = rowOf(tr).saved[nameOf(cell)]; fit(cell); });
      keep(tr, null);
      show(tr, "saved", "已采用对方的内容");
    });
    place.append(line, buttons);
  }

  /* ---- a reason is never cut: its cell grows ---- */
  function fit(cell) {
    if (cell.tagName !== "TEXTAREA") return;
    cell.style.height = "auto";
    cell.style.height = `${cell.scrollHeight + 2}px`;
  }

  function fitAll() {
    const long = Array.from(document.querySelectorAll("textarea.cell"));
    long.forEach((cell) => { cell.style.height = "auto"; });
    const heights = long.map((cell) => cell.scrollHeight);
    long.forEach((cell, index) => { cell.style.height = `${heights[index] + 2}px`; });
  }

  /* ---- what happens ---- */
  document.addEventListener("input", (event) => {
    const tr = event.target.closest && event.target.matches(".cell") && event.target.closest(ROW);
    if (!tr) return;
    fit(event.target);
    rowOf(tr);
    if (tr.dataset.state === "conflict") return;
    const found = check(tr);
    if (same(valuesOf(tr), rowOf(tr).saved)) settle(tr);
    else if (found && HELD.includes(found.state) && !event.isComposing) show(tr, found.state, found.words, found.off);
    else show(tr, "typing", "未保存");
  });

  document.addEventListener("change", (event) => {
    const tr = event.target.closest && event.target.matches(".cell") && event.target.closest(ROW);
    if (tr) commit(tr);
  });

  function sendAgain() {
    if (!navigator.onLine) return;
    document.querySelectorAll(`${ROW}[data-state="failed"]`).forEach(commit);
  }

  /* What an earlier visit could not save comes back into its cells, with the version it was typed over. */
  function restore() {
    const all = kept();
    document.querySelectorAll(ROW).forEach((tr) => {
      const old = all[tr.dataset.saveUrl];
      if (!old || Date.now() - old.at > KEEP_DAYS * 86400000) return;
      const row = rowOf(tr);
      cellsOf(tr).forEach((cell) => { if (nameOf(cell) in old.values) cell.value = old.values[nameOf(cell)]; });
      if (same(valuesOf(tr), row.saved)) { keep(tr, null); return; }
      tr.dataset.version = old.version;
      row.key = old.key;
      row.keyFor = JSON.stringify([valuesOf(tr), old.version]);
      commit(tr);
    });
  }

  window.addEventListener("online", sendAgain);
  setInterval(sendAgain, RETRY_SECONDS * 1000);
  window.addEventListener("beforeunload", (event) => {
    const open = Array.from(document.querySelectorAll(`${ROW}[data-pending]`));
    open.filter((tr) => tr.dataset.state === "typing").forEach((tr) => keep(tr, valuesOf(tr)));
    if (open.length) { event.preventDefault(); event.returnValue = ""; }
  });
  window.addEventListener("resize", fitAll);

  window.Cells = { commit, rowOf, cellsOf, nameOf, fit, ROW };
  restore();
  fitAll();
  count();
})();
