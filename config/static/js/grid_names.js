/* Names offered while units or methods are typed: by part of the name or by pinyin initials. ↑ ↓ choose, Enter or Tab takes. */
(function () {
  "use strict";

  const { field, keys, state } = window.Grid;
  const MOST = 8;
  const END = /(?:[、，,;；+\n：:]|会同|牵头|配合)\s*/g;
  const list = document.createElement("ul");
  list.className = "name-list";
  list.id = "name-list";
  list.setAttribute("role", "listbox");
  let known = null;
  let owner = null;
  let chosen = -1;

  function load() {
    const bar = document.getElementById("grid-bar");
    if (known || !bar) return Promise.resolve();
    return fetch(bar.dataset.names, { credentials: "same-origin" }).then((answer) => answer.json()).then((names) => { known = names; }).catch(() => undefined);
  }

  /* Where the name that is being typed begins. */
  function begins(input) {
    const before = input.value.slice(0, input.selectionStart);
    let at = 0;
    for (const match of before.matchAll(END)) at = match.index + match[0].length;
    return at;
  }

  function matches(kind, word) {
    const sound = word.toLowerCase();
    const rank = (name, letters) => (name.startsWith(word) ? 0 : letters.startsWith(sound) ? 1 : name.includes(word) ? 2 : letters.includes(sound) ? 3 : 9);
    return (known[kind] || []).map((one) => [rank(one[0], one[1]), one]).filter(([order]) => order < 9)
      .sort((a, b) => a[0] - b[0]).slice(0, MOST).map(([, one]) => one);
  }

  function close() {
    list.remove();
    if (owner) { owner.removeAttribute("aria-activedescendant"); owner.removeAttribute("aria-controls"); }
    owner = null;
    chosen = -1;
  }

  function point(to) {
    chosen = to;
    Array.from(list.children).forEach((item, at) => {
      item.setAttribute("aria-selected", at === to ? "true" : "false");
      if (at === to) owner.setAttribute("aria-activedescendant", item.id);
    });
  }

  function offer(input, kind) {
    if (!known || !["parts", "methods"].includes(kind)) { close(); return; }
    const word = input.value.slice(begins(input), input.selectionStart).trim();
    const found = word ? matches(kind, word) : [];
    if (!found.length || (found.length === 1 && found[0][0] === word)) { close(); return; }
    owner = input;
    list.replaceChildren(...found.map(([name, , what], at) => {
      const item = document.createElement("li");
      item.setAttribute("role", "option");
      item.id = `name-${at}`;
      item.textContent = name;
      if (what === "单位组") { const small = document.createElement("small"); small.textContent = what; item.append(" ", small); }
      item.dataset.name = name;
      return item;
    }));
    document.body.append(list);
    const box = input.getBoundingClientRect();
    const room = window.innerHeight - box.bottom;
    list.style.left = `${Math.min(box.left, window.innerWidth - 260)}px`;
    list.style.top = `${room > 220 ? box.bottom + 2 : box.top - list.offsetHeight - 2}px`;
    input.setAttribute("aria-controls", "name-list");
    point(0);
  }

  function accept(at) {
    const input = owner;
    const item = list.children[at];
    const from = begins(input);
    input.setRangeText(item.dataset.name, from, input.selectionStart, "end");
    close();
    input.focus();
    if (input === field) window.Grid.place();
  }

  /* true where the key was for the list */
  function key(event) {
    if (!owner || !list.isConnected) return false;
    const count = list.children.length;
    if (event.key === "ArrowDown") point((chosen + 1) % count);
    else if (event.key === "ArrowUp") point((chosen + count - 1) % count);
    else if (event.key === "Escape") close();
    else if ((event.key === "Enter" || event.key === "Tab") && chosen >= 0) { accept(chosen); return event.key === "Enter"; }
    else return false;
    return true;
  }

  keys.push((event, cell, mode) => mode === "edit" && key(event));
  field.addEventListener("input", (event) => {
    if (!event.isComposing && state.at) load().then(() => { if (state.mode === "edit") offer(field, state.at.name); });
  });
  field.addEventListener("compositionend", () => load().then(() => { if (state.mode === "edit") offer(field, state.at.name); }));
  document.addEventListener("grid:done", close);

  document.querySelectorAll(".bulk input[data-f], .bulk input[name=methods]").forEach((input) => {
    const kind = input.name;
    input.addEventListener("input", (event) => { if (!event.isComposing) load().then(() => offer(input, kind)); });
    input.addEventListener("keydown", (event) => { if (!event.isComposing && key(event)) event.preventDefault(); });
    input.addEventListener("blur", () => setTimeout(close, 200));
  });
  list.addEventListener("mousedown", (event) => {
    const item = event.target.closest("li");
    event.preventDefault();
    if (item) accept(Array.from(list.children).indexOf(item));
  });
})();
