/* What the server answers, put into the ledger's table: rows, merged cells and points drawn anew, rows and chapters in the
   order they have now. */
(function () {
  "use strict";

  /* A row (i), a merged cell (n) or the points in one (s). */
  function made(id, html) {
    if (id[0] === "i") return window.GridFrame.parse(html, true)[0];
    if (id[0] === "n") return window.GridFrame.parse(`<tr>${html}</tr>`, true)[0].cells[0];
    return new DOMParser().parseFromString(html, "text/html").getElementById(id);
  }

  function swap(id, html) {
    const old = document.getElementById(id);
    if (old && !old.querySelector("form")) old.replaceWith(made(id, html));
  }

  /* Rows of chapters that changed their shape, and chapters, in their order. False where a row is missing here, because
     it has not been loaded yet: then the page is asked for anew. */
  function arrange(table, answer, fragments) {
    const later = document.getElementById("later");
    if (later && answer.order) return false;
    const row = (id) => document.getElementById(`i${id}`) || (fragments[`i${id}`] ? made(`i${id}`, fragments[`i${id}`]) : null);
    const chapters = Object.entries(answer.chapters || {}).map(([id, ids]) => [id, ids.map(row)]);
    if (chapters.some(([, rows]) => rows.includes(null))) return false;
    chapters.forEach(([id, rows]) => {
      let body = document.getElementById(`c${id}`);
      if (!body) {
        body = document.createElement("tbody");
        body.id = `c${id}`;
        table.append(body);
      }
      inOrder(body, body.firstElementChild, rows);
    });
    (answer.gone || []).forEach((id) => { const body = document.getElementById(`c${id}`); if (body) body.remove(); });
    if (answer.order) inOrder(table, table.tHead.nextElementSibling, answer.order.map((id) => document.getElementById(`c${id}`)).filter(Boolean));
    return true;
  }

  /* The parent's children from `at` on become these; what is in its place already is not touched. */
  function inOrder(parent, at, children) {
    children.forEach((one) => {
      if (one === at) at = at.nextElementSibling;
      else parent.insertBefore(one, at);
    });
    while (at) {
      const next = at.nextElementSibling;
      at.remove();
      at = next;
    }
  }

  /* False where the page has to be asked for anew. */
  function rows(answer) {
    const fragments = answer.fragments || {};
    Object.entries(fragments).forEach(([id, html]) => swap(id, html));
    return arrange(window.Grid.table(), answer, fragments);
  }

  window.GridApply = { rows };
})();
