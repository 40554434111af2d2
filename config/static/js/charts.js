/* Bars drawn from the table that stands under them; the table stays the truth.

   <table data-chart="bar" data-chart-title="…" data-chart-max="100" data-chart-unit="%"> with <th data-chart-role="label | value | compare | note">
   in its head. A number is the cell's data-value, else its text. A link in a row's label or value is followed by a click on its bar.
   A <details class="chart-table" open> around the table is closed once the bars stand. */
(function () {
  "use strict";

  const LABEL = 14;  /* characters of a label on one line; it has two, and the table has the whole */
  const drawn = new Map();
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const rem = () => parseFloat(getComputedStyle(document.documentElement).fontSize);

  function readTable(table) {
    const heads = Array.from(table.tHead.rows[table.tHead.rows.length - 1].cells);
    const column = (role) => heads.findIndex((head) => head.dataset.chartRole === role);
    const at = { label: column("label"), value: column("value"), compare: column("compare"), note: column("note") };
    const words = (cell) => (cell ? cell.textContent.replace(/\s+/g, " ").trim() : "");
    const number = (cell) => {
      const text = cell ? (cell.dataset.value || words(cell)).replace(/[^\d.+-]/g, "") : "";
      return text === "" ? null : Number(text);
    };
    const lines = Array.from(table.tBodies).flatMap((body) => Array.from(body.rows)).map((row) => {
      const cell = (role) => (at[role] < 0 ? null : row.cells[at[role]]);
      const link = row.querySelector("a[href]");
      return { label: words(cell("label")), value: number(cell("value")), compare: number(cell("compare")),
        note: cell("note") ? words(cell("note")) : words(cell("value")), href: link ? link.href : "" };
    });
    return { lines, compareName: at.compare < 0 ? "" : words(heads[at.compare]), valueName: words(heads[at.value]) };
  }

  function options(table, { lines, compareName, valueName }) {
    const size = rem();
    const unit = table.dataset.chartUnit || "";
    const most = Number(table.dataset.chartMax) || Math.max(...lines.map((line) => Math.max(line.value || 0, line.compare || 0)), 1);
    const type = { color: colour("--ink"), fontSize: size, fontFamily: getComputedStyle(document.body).fontFamily };
    const said = lines.map((line) => `${line.label} ${line.value === null ? "没有数" : line.value + unit}`).join("，");
    const longest = Math.max(...lines.map((line) => line.label.length), 1);
    const shown = (label) => (label.length > 2 * LABEL ? `${label.slice(0, 2 * LABEL - 1)}…` : label);
    const notes = Math.max(...lines.map((line) => line.note.length), 1);
    const series = [{
      type: "bar", name: valueName, barWidth: Math.round(size * 1.1), showBackground: true, backgroundStyle: { color: colour("--bar-rest") },
      itemStyle: { color: colour("--bar") }, cursor: "default",
      data: lines.map((line) => ({ value: line.value, cursor: line.href ? "pointer" : "default" })),
    }];
    if (compareName) {
      series.push({ type: "scatter", name: compareName, symbol: "rect", symbolSize: [Math.max(2, size / 6), size * 1.6], z: 5, silent: true,
        itemStyle: { color: colour("--bar-mark"), opacity: 1 }, data: lines.map((line, index) => (line.compare === null ? null : [line.compare, index])).filter(Boolean) });
    }
    return {
      animation: false, textStyle: type,
      aria: { enabled: true, label: { description: `${table.dataset.chartTitle || "条形图"}：${said}。同样的数在下面的表里。` }, decal: { show: document.documentElement.dataset.contrast === "high" } },
      grid: { left: Math.min(longest, LABEL) * size + size, right: Math.min(notes, 16) * size * 0.72 + size, top: 2, bottom: 2 },
      xAxis: { type: "value", min: 0, max: most, show: false },
      yAxis: [
        { type: "category", inverse: true, data: lines.map((line) => shown(line.label)), axisLine: { show: false }, axisTick: { show: false },
          axisLabel: Object.assign({ width: Math.min(longest, LABEL) * size + 2, overflow: "break", align: "left", margin: Math.min(longest, LABEL) * size + size - 2, interval: 0 }, type) },
        { type: "category", inverse: true, data: lines.map((line) => line.note), axisLine: { show: false }, axisTick: { show: false },
          axisLabel: Object.assign({}, type, { fontSize: size * 0.9, interval: 0, align: "right", margin: Math.min(notes, 16) * size * 0.72 + size - 2 }) },
      ],
      series,
    };
  }

  function draw(table) {
    const read = readTable(table);
    if (!read.lines.length) return;
    const frame = table.closest("details.chart-table");
    const before = frame || table.closest(".sheet-frame") || table;
    let place = drawn.get(table);
    if (!place) {
      place = document.createElement("div");
      place.className = "chart";
      before.parentNode.insertBefore(place, before);
      if (frame) frame.removeAttribute("open");
    } else {
      window.echarts.dispose(place);
    }
    drawn.set(table, place);
    const tall = read.lines.some((line) => line.label.length > LABEL);
    place.style.height = `${Math.round(read.lines.length * rem() * (tall ? 3 : 2))}px`;
    const chart = window.echarts.init(place, null, { renderer: "svg" });
    chart.setOption(options(table, read));
    chart.on("click", (event) => {
      const line = read.lines[event.dataIndex];
      if (line && line.href) window.location.assign(line.href);
    });
  }

  function drawAll() {
    drawn.forEach((place, table) => {
      if (table.isConnected) return;
      window.echarts.dispose(place);
      place.remove();
      drawn.delete(table);
    });
    document.querySelectorAll("table[data-chart='bar']").forEach(draw);
  }

  let waiting = 0;
  window.addEventListener("resize", () => {
    clearTimeout(waiting);
    waiting = setTimeout(drawAll, 150);
  });
  /* On paper the numbers stand under the bars. */
  const unfold = (open) => () => document.querySelectorAll("details.chart-table").forEach((frame) => frame.toggleAttribute("open", open));
  window.addEventListener("beforeprint", unfold(true));
  window.addEventListener("afterprint", unfold(false));
  document.addEventListener("htmx:afterSwap", drawAll);
  drawAll();
})();
