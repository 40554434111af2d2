/* The frame around a ledger's table: it scrolls by itself, so that headings and level columns stay in sight; columns are
   drawn wider and remembered; what did not come with a large ledger's page is fetched piece by piece. */
(function () {
  "use strict";

  const LEAST = 40;
  const AUTO = 180;  /* what a column without a width of its own needs at least */
  const frameOf = () => document.querySelector("#ledger .sheet-frame");
  const csrf = () => JSON.parse(document.body.getAttribute("hx-headers") || "{}")["X-CSRFToken"] || "";
  const heads = (table) => Array.from(table.tHead.rows[0].cells);

  /* HTML of rows or of bodies → elements of this page */
  function parse(html, wrap) {
    const page = new DOMParser().parseFromString(`<table>${wrap ? `<tbody>${html}</tbody>` : html}</table>`, "text/html");
    const from = wrap ? page.querySelector("tbody") : page.querySelector("table");
    return Array.from(from.children).map((one) => document.adoptNode(one));
  }

  function fit() {
    const frame = frameOf();
    if (!frame || !frame.querySelector("table.ledger")) return;
    const table = frame.querySelector("table.ledger");
    const top = frame.getBoundingClientRect().top + window.scrollY;
    frame.classList.add("is-framed");
    /* who only reads moves it with the arrow keys, and so has to be able to stand on it */
    if (!frame.querySelector("a, button, input, textarea, select, [tabindex]")) {
      frame.tabIndex = 0;
      frame.setAttribute("role", "region");
      frame.setAttribute("aria-label", "台账");
    }
    frame.style.maxHeight = `${Math.max(300, window.innerHeight - Math.min(top, window.innerHeight * 0.55) - 10)}px`;
    /* a column without a width of its own is never squeezed to a character a line */
    const cols = Array.from(table.querySelectorAll("col"));
    const needs = (col) => Number(col.getAttribute("width")) || (col.className ? col.getBoundingClientRect().width : 0) || AUTO;
    table.style.minWidth = `${Math.round(cols.reduce((sum, col) => sum + needs(col), 0))}px`;
    freeze(frame, table);
  }

  /* Level columns stay while the others move sideways, as many as leave room to read. Measured first, written after: each
     class of the table between two measurements would lay out all of its rows again. */
  function freeze(frame, table) {
    const room = frame.clientWidth;
    const wide = table.scrollWidth > room + 1;
    let left = 0;
    const columns = heads(table).map((th) => [th.dataset.col, th.getBoundingClientRect().width])
      .filter(([key]) => key === "rowno" || key === "number" || /^L\d$/.test(key))
      .map(([key, width]) => {
        left += width;
        return { key, left: left - width, kept: wide && left <= room * 0.45 };
      });
    columns.forEach((one) => {
      table.classList.toggle(`frozen-${one.key}`, one.kept);
      if (one.kept) table.style.setProperty(`--left-${one.key}`, `${one.left}px`);
    });
  }

  /* ---- columns drawn wider ---- */
  function handles() {
    const table = document.querySelector("table.ledger");
    if (!table || !table.tHead) return;
    heads(table).filter((th) => th.dataset.col !== "rowno" && !th.querySelector(".col-resize")).forEach((th) => {
      const handle = document.createElement("span");
      handle.className = "col-resize";
      handle.title = "拖动改变列宽，双击恢复";
      th.append(handle);
    });
  }

  function remember(widths) {
    const ledger = window.location.pathname.match(/^.*\/ledgers\/\d+\//);
    if (!ledger) return;
    fetch(`${ledger[0]}columns/`, {
      method: "POST", credentials: "same-origin", body: new URLSearchParams({ widths: JSON.stringify(widths) }),
      headers: { "X-CSRFToken": csrf() },
    }).catch(() => undefined);
  }

  function draw(event) {
    const th = event.target.closest("th");
    const table = th.closest("table");
    const cols = table.querySelectorAll("col");
    const before = heads(table).map((one) => Math.round(one.getBoundingClientRect().width));
    before.forEach((width, index) => { cols[index].setAttribute("width", width); cols[index].removeAttribute("class"); });
    const at = heads(table).indexOf(th);
    const start = event.clientX;
    const others = before.reduce((sum, width, index) => sum + (index === at ? 0 : width), 0);
    const size = (x) => Math.max(LEAST, Math.round(before[at] + x - start));
    table.style.width = `${others + before[at]}px`;
    const move = (moved) => {
      cols[at].setAttribute("width", size(moved.clientX));
      table.style.width = table.style.minWidth = `${others + size(moved.clientX)}px`;
    };
    const end = (ended) => {
      document.removeEventListener("pointermove", move);
      document.removeEventListener("pointerup", end);
      const key = th.dataset.col;
      remember({ [key]: size(ended.clientX) });
      fit();
    };
    document.addEventListener("pointermove", move);
    document.addEventListener("pointerup", end);
    event.preventDefault();
  }

  document.addEventListener("pointerdown", (event) => { if (event.target.matches && event.target.matches(".col-resize")) draw(event); });
  document.addEventListener("dblclick", (event) => {
    if (!event.target.matches(".col-resize")) return;
    remember({ [event.target.closest("th").dataset.col]: 0 });
    setTimeout(() => window.location.reload(), 300);
  });

  /* ---- the rest of a large ledger ---- */
  function more() {
    const later = document.getElementById("later");
    const table = later && later.closest("table");
    if (!later || later.dataset.asked) return;
    later.dataset.asked = "1";
    const query = new URLSearchParams(window.location.search);
    query.set("after", later.dataset.after);
    query.set("frame", table.dataset.frame);
    fetch(`${window.location.pathname}later/?${query}`, { credentials: "same-origin" })
      .then((answer) => (answer.ok ? answer.text() : Promise.reject(answer.status)))
      .then((html) => {
        if (!later.isConnected) return;
        join(later, parse(html, false));
        document.dispatchEvent(new CustomEvent("grid:rows"));
        setTimeout(more, 60);
      })
      .catch(() => { delete later.dataset.asked; setTimeout(more, 5000); });
  }

  /* A chapter may come in several pieces: its merged cells reach over all of its rows as soon as they are there. */
  function join(later, parts) {
    const goal = window.location.hash.slice(1);
    parts.forEach((part) => {
      const known = part.id !== "later" && document.getElementById(part.id);
      const rows = Array.from(part.rows).filter((row) => !row.id || !document.getElementById(row.id));
      if (known) known.append(...rows);
      else { part.replaceChildren(...rows); later.before(part); }
      const place = rows.find((row) => row.id === goal);
      if (place) place.scrollIntoView({ block: "center" });
    });
    later.remove();
  }

  /* Fulfilled once every row is there. */
  function whole() {
    return new Promise((done) => {
      const look = () => {
        if (document.getElementById("later")) return;
        document.removeEventListener("grid:rows", look);
        done();
      };
      document.addEventListener("grid:rows", look);
      look();
    });
  }

  function begin() {
    fit();
    handles();
    more();
    const facts = document.getElementById("facts");
    if (facts && facts.dataset.later) htmx.ajax("GET", facts.dataset.later, { target: "#facts", swap: "none" });
  }

  window.GridFrame = { parse, fit, csrf, whole };
  document.addEventListener("htmx:afterSettle", () => { fit(); handles(); more(); });
  window.addEventListener("resize", fit);
  begin();
})();
