/* Small things every page has: filters that send themselves, questions before what cannot be undone, the strip when the
   network is gone, the warning before the session ends, files dropped on a field. Every page works without this file. */
(function () {
  "use strict";

  document.documentElement.classList.add("js");

  const all = (selector, root) => Array.from((root || document).querySelectorAll(selector));

  /* ---- filters: <form data-autosubmit> … <button class="without-script">筛选</button> ---- */
  document.addEventListener("change", (event) => {
    const form = event.target.form;
    if (form && form.hasAttribute("data-autosubmit")) form.requestSubmit();
  });

  /* An empty filter does not belong in the address: "?unit=3", not "?unit=3&method=&q=". */
  document.addEventListener("formdata", (event) => {
    if (!event.target.hasAttribute("data-autosubmit")) return;
    for (const [name, value] of Array.from(event.formData.entries())) {
      if (value === "") event.formData.delete(name);
    }
  });

  /* ---- questions: data-confirm on a form or on its button ---- */
  document.addEventListener("submit", (event) => {
    const asker = event.submitter && event.submitter.hasAttribute("data-confirm") ? event.submitter : event.target;
    const question = asker.getAttribute("data-confirm");
    if (question && !window.confirm(question)) {
      event.preventDefault();
      event.stopImmediatePropagation();
    }
  }, true);

  /* A second click while the first is on its way sends nothing. */
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post" || form.hasAttribute("hx-post")) return;
    if (form.hasAttribute("data-sent")) {
      event.preventDefault();
      return;
    }
    form.setAttribute("data-sent", "");
    setTimeout(() => form.removeAttribute("data-sent"), 8000);
  });
  window.addEventListener("pageshow", () => all("form[data-sent]").forEach((form) => form.removeAttribute("data-sent")));

  /* ---- menus close when one clicks elsewhere or presses Esc ---- */
  document.addEventListener("click", (event) => {
    all("details[data-menu][open]").forEach((menu) => {
      if (!menu.contains(event.target)) menu.removeAttribute("open");
    });
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    all("details[data-menu][open]").forEach((menu) => {
      menu.removeAttribute("open");
      menu.querySelector("summary").focus();
    });
  });

  /* ---- lists to pick from: <input type="checkbox" data-tick-all="unit"> ticks every unit that can be picked ---- */
  document.addEventListener("change", (event) => {
    const name = event.target.getAttribute("data-tick-all");
    if (!name) return;
    all(`input[name="${name}"]:not(:disabled)`).forEach((box) => { box.checked = event.target.checked; });
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-print]")) window.print();
  });

  /* ---- network ---- */
  function showNetwork() {
    const strip = document.getElementById("offline");
    if (strip) strip.hidden = navigator.onLine;
    document.documentElement.classList.toggle("is-offline", !navigator.onLine);
  }
  window.addEventListener("online", showNetwork);
  window.addEventListener("offline", showNetwork);

  /* ---- session: <body data-session-seconds="1800">; two minutes before the end a strip offers to stay ---- */
  function watchSession() {
    const strip = document.getElementById("session-ending");
    const length = Number(document.body.getAttribute("data-session-seconds"));
    if (!strip || !length) return;
    const left = strip.querySelector("[data-session-left]");
    let ends = Date.now() + length * 1000;
    const renew = () => { ends = Date.now() + length * 1000; strip.hidden = true; };
    strip.querySelector("[data-session-stay]").addEventListener("click", () => {
      fetch(window.location.href, { credentials: "same-origin", cache: "no-store" })
        .then((answer) => { if (answer.ok && !answer.redirected) renew(); })
        .catch(() => undefined);
    });
    document.addEventListener("htmx:afterRequest", renew);
    document.addEventListener("cells:answered", renew);
    setInterval(() => {
      const seconds = Math.round((ends - Date.now()) / 1000);
      if (seconds > 120) return;
      strip.hidden = false;
      if (seconds <= 0) strip.querySelector("p").textContent = "登录已失效，已填内容仍在本页；在新窗口重新登录后可继续保存。";
      else left.textContent = seconds > 60 ? "2 分钟" : "1 分钟";
    }, 5000);
  }

  /* ---- files: <div data-dropzone data-max-bytes="10485760"><input type="file"> <span data-file-name></span></div> ---- */
  function size(bytes) {
    return bytes < 1048576 ? `${Math.max(1, Math.round(bytes / 1024))} KB` : `${(bytes / 1048576).toFixed(1)} MB`;
  }

  function nameFiles(zone) {
    const input = zone.querySelector("input[type=file]");
    const name = zone.querySelector("[data-file-name]");
    const most = Number(zone.getAttribute("data-max-bytes")) || Infinity;
    const tooLarge = Array.from(input.files).find((file) => file.size > most);
    input.setCustomValidity(tooLarge ? `“${tooLarge.name}”有 ${size(tooLarge.size)}，超过上限 ${size(most)}` : "");
    zone.classList.toggle("is-wrong", Boolean(tooLarge));
    if (name) {
      name.textContent = tooLarge ? input.validationMessage
        : Array.from(input.files).map((file) => `${file.name}（${size(file.size)}）`).join("，");
    }
  }

  document.addEventListener("change", (event) => {
    const zone = event.target.type === "file" && event.target.closest("[data-dropzone]");
    if (zone) nameFiles(zone);
  });
  ["dragover", "dragleave", "drop"].forEach((kind) => document.addEventListener(kind, (event) => {
    const zone = event.target.closest && event.target.closest("[data-dropzone]");
    if (!zone) return;
    event.preventDefault();
    zone.classList.toggle("is-over", kind === "dragover");
    if (kind !== "drop" || !event.dataTransfer.files.length) return;
    const input = zone.querySelector("input[type=file]");
    input.files = event.dataTransfer.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  }));
  /* A file dropped beside a zone would otherwise replace the page, and with it what was typed. */
  ["dragover", "drop"].forEach((kind) => window.addEventListener(kind, (event) => {
    if (event.dataTransfer && Array.from(event.dataTransfer.types).includes("Files")) event.preventDefault();
  }));

  /* ---- where to begin: the summary of errors, else the row the address names ---- */
  function begin() {
    const problems = document.querySelector("[data-focus-first]");
    if (problems) {
      problems.focus();
      return;
    }
    let here = null;
    try { here = window.location.hash && document.querySelector(window.location.hash); } catch (error) { return; }
    if (!here || !here.matches("tr")) return;
    here.scrollIntoView({ block: "center" });
    const first = here.querySelector("input:not([type=hidden]), textarea, select, a");
    if (first) first.focus({ preventScroll: true });
  }

  /* A menu that leads somewhere: <select data-jump><option value="#indicator-12"> */
  document.addEventListener("change", (event) => {
    if (event.target.hasAttribute("data-jump") && event.target.value) window.location.assign(event.target.value);
  });

  showNetwork();
  watchSession();
  /* After the browser has gone to the place the address names, which takes the focus away. */
  window.addEventListener("load", () => setTimeout(begin, 0));
})();
