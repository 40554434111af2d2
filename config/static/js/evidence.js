/* Files dropped on a row of the sheet, or a screenshot pasted into it, become evidence of its item:
   <tr data-save-url="…/save/"> … <a class="evidence-link">. On the entry's own page a screenshot goes into its form of files.
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

  /* A screenshot has no name of its own: the hour it was pasted is one. Text of the same clipboard is left to the cell. */
  function shots(event) {
    const held = event.clipboardData ? Array.from(event.clipboardData.items) : [];
    if (held.some((item) => item.kind === "string" && item.type === "text/plain")) return [];
    const files = held.filter((item) => item.kind === "file" && /^image\/(png|jpeg)$/.test(item.type)).map((item) => item.getAsFile());
    const now = new Date();
    const at = [now.getMonth() + 1, now.getDate(), now.getHours(), now.getMinutes(), now.getSeconds()].map((part) => String(part).padStart(2, "0")).join("");
    return files.filter(Boolean).map((file, index) => {
      const ending = file.type === "image/png" ? "png" : "jpg";
      return new File([file], `截图${at}${index ? `-${index + 1}` : ""}.${ending}`, { type: file.type });
    });
  }

  document.addEventListener("paste", (event) => {
    const files = shots(event);
    if (!files.length) return;
    const row = rowAt(event);
    const field = document.querySelector(".evidence-form input[type=file]");
    if (row) {
      event.preventDefault();
      send(row, files);
    } else if (field) {
      event.preventDefault();
      const all = new DataTransfer();
      Array.from(field.files).concat(files).forEach((file) => all.items.add(file));
      field.files = all.files;
      field.dispatchEvent(new Event("change", { bubbles: true }));
    }
  });

  ["dragover", "dragleave", "drop"].forEach((kind) => document.addEventListener(kind, (event) => {
    const row = rowAt(event);
    if (!row || !holdsFiles(event)) return;
    event.preventDefault();
    row.classList.toggle("is-over", kind === "dragover");
    if (kind === "drop" && event.dataTransfer.files.length) send(row, event.dataTransfer.files);
  }));
})();
