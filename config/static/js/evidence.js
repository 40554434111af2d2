/* Files dropped on a row of the sheet become evidence of its item: <tr data-save-url="…/save/"> … <a class="evidence-link">.
   The row says what was taken and what was refused; without this file the entry's own page takes them. */
(function () {
  "use strict";

  const ROW = "tr[data-save-url]";
  const csrf = () => JSON.parse(document.body.getAttribute("hx-headers") || "{}")["X-CSRFToken"] || "";
  const rowAt = (event) => event.target.closest && event.target.closest(ROW);
  const holdsFiles = (event) => event.dataTransfer && Array.from(event.dataTransfer.types).includes("Files");

  function say(row, words, isWrong) {
    const place = row.querySelector("[data-evidence-said]");
    place.textContent = words;
    place.classList.toggle("finding--wrong", isWrong);
  }

  function send(row, files) {
    const body = new FormData();
    Array.from(files).forEach((file) => body.append("files", file));
    say(row, `正在上传 ${files.length} 份…`, false);
    fetch(row.dataset.saveUrl.replace(/save\/$/, "evidence/"), {
      method: "POST", body, credentials: "same-origin", headers: { "X-CSRFToken": csrf(), Accept: "application/json" },
    }).then((answer) => (answer.ok ? answer.json() : Promise.reject(new Error(String(answer.status))))).then((told) => {
      row.querySelector(".evidence-link").textContent = told.evidence;
      say(row, told.refused.length ? told.refused.join("；") : `已添加 ${told.added} 份`, told.refused.length > 0);
    }).catch(() => say(row, "没有传上去，联网或重新登录后再试", true));
  }

  ["dragover", "dragleave", "drop"].forEach((kind) => document.addEventListener(kind, (event) => {
    const row = rowAt(event);
    if (!row || !holdsFiles(event)) return;
    event.preventDefault();
    row.classList.toggle("is-over", kind === "dragover");
    if (kind === "drop" && event.dataTransfer.files.length) send(row, event.dataTransfer.files);
  }));
})();
