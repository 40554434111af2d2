/* The import desk: tabs, from a finding to its cell and back, the menu of a row, corrections sent as they are made.
   Without this file the parts stand below one another, links do the jumping and a button sends the corrections. */
(function () {
  "use strict";

  const all = (selector, root) => Array.from((root || document).querySelectorAll(selector));
  let open = "part-sheet";

  /* ---- tabs ---- */
  function show(name) {
    const part = document.getElementById(name);
    if (!part || !part.classList.contains("part-of-desk")) return false;
    open = name;
    all(".part-of-desk").forEach((one) => one.classList.toggle("is-open", one.id === name));
    all("[data-tab]").forEach((tab) => {
      if (tab.getAttribute("data-tab") === name) tab.setAttribute("aria-current", "true");
      else tab.removeAttribute("aria-current");
    });
    return true;
  }

  function begin() {
    const wrong = document.querySelector(".part-of-desk .field--wrong, .part-of-desk .field-error");
    const asked = wrong ? wrong.closest(".part-of-desk").id : window.location.hash.slice(1);
    if (!show(asked)) show(open);
    if (/^#c-[A-Z]+\d+$/.test(window.location.hash)) look(window.location.hash.slice(3));
  }

  /* ---- a finding and its cell ---- */
  function mark(cell, findings) {
    all(".is-looked-at").forEach((one) => one.classList.remove("is-looked-at"));
    if (cell) cell.classList.add("is-looked-at");
    findings.forEach((one) => one.classList.add("is-looked-at"));
  }

  function findingsOf(cell) {
    return (cell.getAttribute("data-findings") || "").split(" ").filter(Boolean)
      .map((number) => document.getElementById(`f-${number}`)).filter(Boolean);
  }

  function look(address) {
    const cell = document.getElementById(`c-${address}`);
    if (!cell) return false;
    show("part-sheet");
    mark(cell, findingsOf(cell));
    cell.scrollIntoView({ block: "center", inline: "nearest" });
    return true;
  }

  /* ---- the menu of a row; without an id, or htmx would copy its style, which the content policy refuses ---- */
  function closeMenu() {
    const menu = document.querySelector(".row-menu");
    if (menu) menu.hidden = true;
  }

  function openMenu(link) {
    const menu = document.querySelector(".row-menu");
    const box = link.getBoundingClientRect();
    document.querySelector("#correct [name=row]").value = link.getAttribute("data-row");
    menu.querySelector("[data-restore]").hidden = !link.hasAttribute("data-told");
    menu.hidden = false;
    menu.style.left = `${box.right + window.scrollX + 4}px`;
    menu.style.top = `${Math.min(box.top, window.innerHeight - menu.offsetHeight - 8) + window.scrollY}px`;
    menu.querySelector("button").focus();
  }

  document.addEventListener("click", (event) => {
    const tab = event.target.closest("[data-tab]");
    if (tab) {
      event.preventDefault();
      show(tab.getAttribute("data-tab"));
      return;
    }
    const row = event.target.closest("a[data-row]");
    if (row) {
      event.preventDefault();
      openMenu(row);
      return;
    }
    if (!event.target.closest(".row-menu")) closeMenu();
    const finding = event.target.closest("a[data-cell]");
    if (finding && look(finding.getAttribute("data-cell"))) {
      event.preventDefault();
      mark(document.getElementById(`c-${finding.getAttribute("data-cell")}`), [finding.closest("li")]);
      return;
    }
    const cell = event.target.closest("td[data-findings]");
    if (cell) {
      const found = findingsOf(cell);
      mark(cell, found);
      if (found.length) found[0].scrollIntoView({ block: "nearest" });
    }
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") closeMenu();
  });

  /* ---- corrections go as they are made ---- */
  document.addEventListener("change", (event) => {
    const field = event.target;
    if (field.hasAttribute("data-tick-all")) {
      all(`input[name=${field.getAttribute("data-tick-all")}]`).forEach((box) => { box.checked = field.checked; });
      return;
    }
    if (!field.form || field.form.id !== "correct") return;
    const row = field.form.querySelector("[name=row]");
    row.value = "";
    const act = document.createElement("input");
    act.type = "hidden";
    act.name = "act";
    act.value = field.getAttribute("data-act") || "columns";
    field.form.appendChild(act);
    field.form.requestSubmit();
  });

  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.target.id !== "correct") return;
    closeMenu();
    document.getElementById("desk").classList.add("is-reading");
  });
  let kept = { left: 0, top: 0 };
  document.addEventListener("htmx:beforeSwap", () => {
    const frame = document.querySelector(".grid-frame");
    if (frame) kept = { left: frame.scrollLeft, top: frame.scrollTop };
  });
  document.addEventListener("htmx:afterSwap", () => {
    show(open);
    const frame = document.querySelector(".grid-frame");
    if (frame) frame.scrollTo(kept.left, kept.top);
  });

  begin();
})();
