// The pages of a published wave. Text from the study is only ever set as text, never as markup.
"use strict";
(function () {
  const root = document.documentElement, lang = root.lang, up = root.dataset.up;
  const own = root.dataset.wave, at = lang === "en" ? 1 : 0;
  const w = window.samspilWords || {};
  const known = (window.samspilTables = window.samspilTables || {}), loaded = {};
  const samspil = (window.samspil = {});

  function el(name, options, children) {
    const node = document.createElement(name);
    for (const [key, value] of Object.entries(options || {})) {
      if (key === "text") node.textContent = value;
      else if (key === "style") Object.assign(node.style, value);
      else if (key in node && key !== "list") node[key] = value;
      else node.setAttribute(key, value);
    }
    for (const child of children || []) if (child) node.append(child);
    return node;
  }
  // where all waves are; a page opened by its real path lies two folders deeper
  const waves_root = up + (/\/\.published\/[^/]+\/\d+\/report\//.test(location.pathname) ? "../../../../" : "../../");
  const page = (name) => up + name + (lang === "en" ? ".en.html" : ".html");
  const say = (text, values) => text.replace(/\{(\w+)\}/g, (_, k) => values[k]);
  const number = (text) => (lang === "da" ? String(text).replace(".", ",") : String(text));
  const fixed = (value, decimals) => number(value.toFixed(decimals));
  function pText(p) {
    return p < 0.0001 ? number("<0.0001") : fixed(p, 4);
  }
  function load(address, then, failed) {
    if (loaded[address]) return then();
    const script = el("script", { src: address });
    script.onload = () => { loaded[address] = true; then(); };
    script.onerror = () => { script.remove(); if (failed) failed(); };
    document.head.append(script);
  }

  // ---- search -------------------------------------------------------------------------------
  const box = document.getElementById("q"), hits = document.getElementById("hits");
  const plain = (text) => text.toLowerCase().normalize("NFKD").replace(/[\u0300-\u036f]/g, "");
  function search() {
    const terms = plain(box.value).split(/\s+/).filter(Boolean);
    hits.replaceChildren();
    if (!terms.length || box.value.trim().length < 2) return;
    const index = window.samspilSearch || [];
    const found = [];
    for (const [kind, title, more, address] of index) {
      const head = plain(title), all = head + " " + plain(more);
      if (!terms.every((t) => all.includes(t))) continue;
      const inHead = terms.every((t) => head.includes(t));
      const kinds = { table: 3, question: 2, page: 1 };
      found.push([(inHead ? 10 : 0) + (kinds[kind] || 0), kind, title, more, address]);
    }
    found.sort((a, b) => b[0] - a[0]);
    hits.append(el("p", { text: found.length ? found.length + " " + w.found : w.nothing_found }));
    const list = el("ul");
    for (const [, kind, title, more, address] of found.slice(0, 40)) {
      const name = { table: w.table, question: w.question, statement: w.statement }[kind] || "";
      list.append(el("li", {}, [el("a", { href: up + address }, [
        el("span", { text: title, dir: "auto" }), el("small", { text: [name, more.slice(0, 120)].filter(Boolean).join(": "), dir: "auto" })])]));
    }
    if (found.length) hits.append(list);
  }
  if (box) {
    box.addEventListener("input", () => load(up + "data/search." + lang + ".js", search));
    box.addEventListener("keydown", (event) => {
      if (event.key === "Escape") { box.value = ""; search(); }
      if (event.key === "ArrowDown") { const first = hits.querySelector("a"); if (first) { first.focus(); event.preventDefault(); } }
    });
    hits.addEventListener("keydown", (event) => {
      const links = [...hits.querySelectorAll("a")], place = links.indexOf(document.activeElement);
      if (event.key === "ArrowDown" && links[place + 1]) { links[place + 1].focus(); event.preventDefault(); }
      if (event.key === "ArrowUp") { (links[place - 1] || box).focus(); event.preventDefault(); }
      if (event.key === "Escape") { box.value = ""; search(); box.focus(); }
    });
    box.form.addEventListener("submit", (event) => { event.preventDefault(); const first = hits.querySelector("a"); if (first) first.click(); });
  }

  // ---- charts -------------------------------------------------------------------------------
  const BLUES = ["#0b4f8a", "#3b82bd", "#8dbbe0", "#c6dcef"], REDS = ["#f3d9b6", "#e5ab62", "#c77a1c", "#8a4b00"];
  const QUALITATIVE = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#a89f00", "#5b5b9e"];
  const GREY = "#b4b8bb", DARK = new Set(["#0b4f8a", "#0072b2", "#8a4b00", "#5b5b9e", "#d55e00", "#009e73"]);
  function palette(kind, count) {
    if (kind !== "diverging") return QUALITATIVE.slice(0, count);
    const left = Math.ceil(count / 2), right = count - left;
    const pick = (ramp, n) => (n <= 1 ? [ramp[0]] : [...Array(n)].map((_, i) => ramp[Math.round((i * (ramp.length - 1)) / Math.max(n - 1, 1))]));
    const blues = left === 1 ? [BLUES[1]] : pick(BLUES.slice(0, 3), left), reds = right === 1 ? [REDS[2]] : pick(REDS.slice(1), right);
    return [...blues, ...reds];
  }
  function segment(width, colour, text, title) {
    return el("i", { style: { width: width + "%", background: colour, color: DARK.has(colour) ? "#fff" : "#1b1b1b" }, text: width > 5 ? text : "", title: title });
  }
  function legend(names, colours) {
    return el("ul", { className: "legend" }, names.map((name, i) => el("li", {}, [el("i", { style: { background: colours[i] } }), el("bdi", { text: name })])));
  }
  function draw(box, spec) {
    // spec: kind, names (columns), lines [{label, values, texts}], apart (columns or lines)
    box.replaceChildren();
    if (!spec.lines.length || spec.kind === "none") return;
    const apart = new Set(spec.apart);
    if (spec.kind === "bars" || spec.kind === "multiples") {
      const panels = el("div", { className: "panels" });
      spec.names.forEach((name, c) => {
        const panel = el("div", {}, [spec.kind === "multiples" ? el("h3", { text: name, dir: "auto" }) : null]);
        const most = Math.max(...spec.lines.flatMap((line) => line.values.map((v) => v || 0)), 1);
        spec.lines.forEach((line, n) => {
          const value = line.values[c];
          const track = el("div", { className: "ctrack" }, [
            el("i", { style: { width: value === null ? "0" : (80 * value) / most + "%", background: spec.kind === "bars" && apart.has(n) ? GREY : "#3b82bd" } }),
            el("span", { className: "cvalue", text: line.texts[c] })]);
          panel.append(el("div", { className: "crow" }, [el("bdi", { className: "clabel", text: line.label }), track]));
        });
        panels.append(panel);
      });
      if (spec.kind === "bars") panels.style.display = "block";
      box.append(panels);
      return;
    }
    const scale = spec.names.map((_, c) => c).filter((c) => !apart.has(c));
    const colours = palette(spec.kind, scale.length), half = Math.ceil(scale.length / 2);
    const rest = spec.names.map((_, c) => c).filter((c) => apart.has(c));
    box.append(legend([...scale, ...rest].map((c) => spec.names[c]), [...colours, ...rest.map(() => GREY)]));
    const sum = (line, columns) => columns.reduce((total, c) => total + (line.values[c] || 0), 0);
    const left = scale.slice(0, half), right = scale.slice(half);
    const diverging = spec.kind === "diverging";
    const mostLeft = Math.max(...spec.lines.map((line) => sum(line, left)), 0);
    const mostRight = Math.max(...spec.lines.map((line) => sum(line, right)), 0);
    const mostRest = Math.max(...spec.lines.map((line) => sum(line, rest)), 0);
    const width = (diverging ? mostLeft + mostRight : 100) + (rest.length && diverging ? mostRest + 4 : 0) || 1;
    for (const line of spec.lines) {
      const part = (c, i) => segment((100 * (line.values[c] || 0)) / width, i === null ? GREY : colours[i], line.texts[c], spec.names[c] + ": " + line.texts[c]);
      const gap = (n) => el("i", { style: { width: (100 * Math.max(n, 0)) / width + "%" } });
      const track = el("div", { className: "ctrack" });
      if (diverging) {
        track.append(gap(mostLeft - sum(line, left)), ...left.map((c, i) => part(c, i)), el("span", { className: "zero" }), ...right.map((c, i) => part(c, half + i)));
        if (rest.length) track.append(gap(mostRight - sum(line, right) + 4), ...rest.map((c) => part(c, null)));
      } else track.append(...scale.map((c, i) => part(c, i)), ...rest.map((c) => part(c, null)));
      box.append(el("div", { className: "crow" }, [el("bdi", { className: "clabel", text: line.label }), track]));
    }
  }
  function tableChart(data) {
    const box = document.getElementById("chart");
    if (!box) return;
    if (data.drawn) {
      const { kind, apart, names, lines } = data.drawn;
      const shown = lines.map(([da, en, values, texts]) => ({ label: [da, en][at], values, texts: texts.map(number) }));
      return draw(box, { kind, names: names.map((name) => name[at]), lines: shown, apart });
    }
    const by = {};
    for (const f of data.figures) by[f.l + ":" + f.c] = f;
    const kind = data.chart, names = kind.columns.map((c) => data.columns[c][at]);
    const lines = kind.lines.map((l) => ({
      label: [data.lines[l][at], data.lines[l][2 + at]].filter(Boolean).join(" – "),
      values: kind.columns.map((c) => { const f = by[l + ":" + c]; return f && f.v !== undefined ? f.v : null; }),
      texts: kind.columns.map((c) => { const f = by[l + ":" + c]; return f ? number(f.x) + f.m : ""; }),
    }));
    const apart = kind.apart.map((p) => (kind.kind === "bars" ? kind.lines : kind.columns).indexOf(p));
    draw(box, { kind: kind.kind, names, lines, apart });
  }

  // ---- how a figure was made ----------------------------------------------------------------
  const dialog = document.getElementById("derivation");
  function statementItem(line) {
    const [id, section, , , verdict] = line;
    return el("li", {}, [el("a", { href: page("statements") + "#" + id, text: id }), " " + w.section + " " + section + ": ", el("bdi", { text: line[2 + at] }), " (" + (w["v_" + verdict] || verdict) + ")"]);
  }
  function facts(data, figure, number_of_table) {
    const list = el("dl");
    const add = (name, ...values) => {
      const kept = values.filter((v) => v !== "" && v !== undefined && v !== null);
      if (kept.length) list.append(el("dt", { text: name }), ...kept.map((v) => (typeof v === "string" ? el("dd", { text: v, dir: "auto" }) : el("dd", {}, [v]))));
    };
    if (figure.n !== undefined) add(w.numerator + " / " + w.base, say(w.count_of, { n: figure.n, b: figure.b }));
    else if (figure.b !== undefined) add(w.base, String(figure.b));
    if (figure.wb !== undefined) add(w.weighted_base, number(figure.wb));
    if (figure.eb !== undefined) add(w.effective_base, number(figure.eb));
    if (figure.v !== undefined && figure.st !== "count") add(w.unrounded, number(figure.v));
    if (figure.of) add(w.derived, figure.of.join(", "));
    const item = data.items[figure.i];
    if (item) {
      if (item.question[0]) add(w.question, el("a", { href: page("questions/" + item.question[0]), text: item.question[1 + at] }));
      add(w.item, item.label[at]);
      if (item.wording) add(w.wording, item.wording);
      if (figure.k !== undefined) {
        const code = item.codes[figure.k];
        add(w.answer, figure.k === "total" ? w.total : code ? figure.k + " " + code[at] : figure.k);
      }
      add(w.column, el("code", { text: item.column }));
    } else if (figure.i) add(w.answer, [figure.i, figure.k].filter(Boolean).join(": "));
    const level = data.levels[figure.g];
    if (level) {
      add(w.group, [level.group ? level.group[1 + at] + ":" : "", level.label[at]].filter(Boolean).join(" "));
      add(w.rule, level.rule[at]);
      add(w.size, level.size[at]);
    }
    if (figure.w) add(w.note, figure.w.split("; ").map((k) => w[k.replace(" ", "_")] || k).join("; "));
    if (figure.p) {
      const [printed, n, mark] = figure.p, same = printed === figure.x;
      add(w.printed, number(printed) + (mark && !/^p/i.test(mark) ? mark : "") + (n ? " (N = " + n + ")" : "") + ": " + (same ? w.same_as_print : w.other_than_print));
      if (mark) add(w.printed_mark, mark);
    }
    if (figure.t !== undefined) {
      const test = data.tests[figure.t];
      add(w.test, (w["m_" + test.method] || test.method) + (test.chi === null ? "" : ", " + number(test.chi) + (test.df === null ? "" : " (df " + test.df + ")")),
        "p = " + pText(test.p) + ", q = " + pText(test.q) + (test.v === null ? "" : ", Cramérs V = " + fixed(test.v, 2)),
        say(w.q_note, { n: test.family, t: number_of_table }), test.small ? w.small : "");
      if (test.stars || test.bound) add(w.mark, [test.stars, number(test.bound)].filter(Boolean).join(" "));
    }
    if (figure.u) {
      const [verdict, mark, low, high] = figure.u;
      const values = { m: mark || w.no_mark, a: pText(low), b: pText(high), v: verdict };
      add(w.star, say(w[verdict] && /\{m\}/.test(w[verdict]) ? w[verdict] : w.other_verdict, values));
    }
    if (figure.s) add(w.cited, el("ul", {}, figure.s.slice(0, 12).map((n) => statementItem(data.statements[n]))));
    return list;
  }
  function open(parts, title) {
    if (!dialog) return;
    const close = el("button", { type: "button", className: "close", text: w.close });
    close.addEventListener("click", () => dialog.close());
    dialog.replaceChildren(close, el("h2", { id: "derivation-title", text: title }), ...parts);
    dialog.showModal();
    dialog.scrollTop = 0;
    close.focus();
  }
  function setUpTable() {
    const place = document.getElementById("waves"), table = document.getElementById("figures");
    if (!place || !table) return;
    const id = place.dataset.table, mine = known[own + "/" + id], told = document.getElementById("told");
    if (!mine) return;
    let shown = own, changed = false;
    const index = (data) => Object.fromEntries(data.figures.map((f) => [f.l + ":" + f.c, f]));
    const buttons = [...table.querySelectorAll(".fig")];
    const at_of = (button) => button.dataset.l + ":" + button.dataset.c;
    const number_of_table = document.querySelector("h1").dataset.number || id.replace(/^table_/, "").replace(/_/g, ".");
    function show(wave, change) {
      const other = known[wave + "/" + id], figures = index(other), base = index(mine);
      shown = wave; changed = change;
      for (const button of buttons) {
        const f = figures[at_of(button)], b = base[at_of(button)];
        const [value, mark] = button.querySelectorAll("span");
        mark.textContent = f && !change ? f.m : "";
        if (change) {
          const both = f && b && f.x !== "" && b.x !== "" && !isNaN(f.x) && !isNaN(b.x);
          const decimals = mine.columns[button.dataset.c][3], d = both ? f.x - b.x : 0;
          value.textContent = both ? (d > 0 ? "+" : d < 0 ? "\u2212" : "") + fixed(Math.abs(d), decimals) : "–";
        } else value.textContent = f ? number(f.x) : "–";
      }
      const bases = [...table.querySelectorAll("td.base")], lines = other.lines;
      bases.forEach((cell, n) => { cell.textContent = change ? "" : (lines[n] || [])[4] || ""; });
      table.querySelectorAll("td.mark").forEach((cell, n) => { cell.textContent = change ? "" : number((lines[n] || [])[5] || ""); });
      told.textContent = change ? own + " → " + wave + ", " + w.points + ". " + other.banner[at] : w.wave + " " + wave + ". " + (wave === own ? w.click : other.banner[at]);
      tableChart(change ? mine : other);
      for (const button of place.querySelectorAll("button")) button.setAttribute("aria-pressed", String(button.dataset.wave === wave && (button.dataset.change === "1") === change));
    }
    function choose(wave, change) {
      if (known[wave + "/" + id]) return show(wave, change);
      load(waves_root + wave + "/report/data/" + id + ".js", () => (known[wave + "/" + id] ? show(wave, change) : null), () => { told.textContent = w.wave + " " + wave + " " + w.not_published; });
    }
    const waves = ((window.samspilPublished || {}).waves || []).filter((x) => x !== own);
    if (waves.length) {
      const add = (text, wave, change) => {
        const button = el("button", { type: "button", text });
        button.dataset.wave = wave; button.dataset.change = change ? "1" : "0";
        button.setAttribute("aria-pressed", String(wave === own && !change));
        button.addEventListener("click", () => choose(wave, change));
        place.append(button);
      };
      add(w.wave + " " + own, own, false);
      for (const wave of waves) { add(w.wave + " " + wave, wave, false); add(w.change + " " + own + " → " + wave, wave, true); }
      place.hidden = false;
    }
    for (const button of buttons) button.addEventListener("click", () => {
      const data = known[shown + "/" + id], figure = index(data)[at_of(button)];
      const head = (d, f) => [el("p", { className: "big", text: f ? number(f.x) + f.m : "–" }),
        el("p", { text: [d.lines[button.dataset.l][at], d.lines[button.dataset.l][2 + at], d.columns[button.dataset.c][at]].filter(Boolean).join(" · ") + " (" + w.wave + " " + d.wave + ")", dir: "auto" }),
        d.banner[at] ? el("p", { className: "constructed", text: d.banner[at] }) : null, f ? facts(d, f, number_of_table) : null].filter(Boolean);
      open([...(changed ? head(mine, index(mine)[at_of(button)]) : []), ...head(data, figure)], w.how_made);
    });
    tableChart(mine);
  }

  // ---- lists --------------------------------------------------------------------------------
  // a long list is shown some rows at a time
  function setUpList() {
    const form = document.getElementById("filters"), pager = document.getElementById("pager"), rows = window.samspilStatements;
    if (!form || !pager || !rows) return;
    const body = document.querySelector("#rows tbody"), shown = document.getElementById("shown"), each = 50;
    const texts = rows.map((row) => plain([...row.slice(0, 7), ...row[7].map((link) => link[0])].join(" ")));
    const place_of = new Map(rows.map((row, n) => [row[0], n]));
    let found = [], first = 0;
    function line(row) {
      const [id, ...told] = row;
      const links = row[7].flatMap(([text, address]) => [el("a", { href: up + address, text }), " "]);
      return el("tr", { id }, [el("th", { scope: "row", text: id }), ...told.slice(0, 6).map((text) => el("td", { text, dir: "auto" })), el("td", {}, links)]);
    }
    function draw(focus) {
      const last = Math.min(first + each, found.length);
      body.replaceChildren(...found.slice(first, last).map((n) => line(rows[n])));
      shown.textContent = say(w.shown_of, { n: found.length, m: rows.length });
      const step = (text, to) => {
        const button = el("button", { type: "button", text, disabled: to < 0 || to >= found.length });
        button.addEventListener("click", () => { first = to; draw(true); });
        return button;
      };
      pager.replaceChildren(step(w.previous, first - each), el("span", { text: found.length ? say(w.range, { a: first + 1, b: last, n: found.length }) : w.nothing_found }), step(w.next, first + each));
      if (focus) { form.scrollIntoView(); const next = pager.querySelector("button:not(:disabled)"); if (next) next.focus({ preventScroll: true }); }
    }
    function apply() {
      const values = new FormData(form), terms = plain(String(values.get("text") || "")).split(/\s+/).filter(Boolean);
      const kept = [...values].filter(([name, value]) => name !== "text" && value);
      found = rows.map((_, n) => n).filter((n) => terms.every((t) => texts[n].includes(t)) && kept.every(([name, value]) => rows[n][8][name] === value));
      first = 0;
      draw(false);
    }
    function follow() {
      const id = decodeURIComponent(location.hash.slice(1));
      if (!place_of.has(id)) return;
      form.reset(); apply();
      first = Math.floor(place_of.get(id) / each) * each;
      draw(false);
      const target = document.getElementById(id);
      target.className = "sought"; target.scrollIntoView({ block: "center" });
    }
    for (const name of ["input", "change"]) form.addEventListener(name, apply);
    form.addEventListener("submit", (event) => event.preventDefault());
    window.addEventListener("hashchange", follow);
    apply(); follow();
  }

  // ---- explorer -----------------------------------------------------------------------------
  function upperGamma(a, x) {
    // the share of the chi-square distribution above 2x with 2a degrees of freedom
    if (x <= 0) return 1;
    const lg = logGamma(a);
    if (x < a + 1) {
      let term = 1 / a, total = term;
      for (let n = 1; n < 1000; n += 1) { term *= x / (a + n); total += term; if (term < total * 1e-15) break; }
      return 1 - total * Math.exp(-x + a * Math.log(x) - lg);
    }
    let b = x + 1 - a, c = 1e300, d = 1 / b, h = d;
    for (let i = 1; i < 1000; i += 1) {
      const an = -i * (i - a);
      b += 2; d = an * d + b; if (Math.abs(d) < 1e-300) d = 1e-300;
      c = b + an / c; if (Math.abs(c) < 1e-300) c = 1e-300;
      d = 1 / d; const delta = d * c; h *= delta;
      if (Math.abs(delta - 1) < 1e-15) break;
    }
    return Math.exp(-x + a * Math.log(x) - lg) * h;
  }
  function logGamma(z) {
    const g = [676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059, 12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7];
    if (z < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * z)) - logGamma(1 - z);
    let x = 0.99999999999980993; const y = z - 1;
    g.forEach((value, i) => { x += value / (y + i + 1); });
    const t = y + 7.5;
    return 0.5 * Math.log(2 * Math.PI) + (y + 0.5) * Math.log(t) - t + Math.log(x);
  }
  function chiSquare(rows) {
    const sums = rows.map((row) => row.reduce((a, b) => a + b, 0)), kept = rows.filter((_, i) => sums[i] > 0);
    if (kept.length < 2) return null;
    const columns = kept[0].map((_, c) => kept.reduce((a, row) => a + row[c], 0)), used = columns.map((n, c) => (n > 0 ? c : -1)).filter((c) => c >= 0);
    if (used.length < 2) return null;
    const total = used.reduce((a, c) => a + columns[c], 0);
    let value = 0, small = false;
    for (const row of kept) {
      const n = used.reduce((a, c) => a + row[c], 0);
      for (const c of used) { const expected = (n * columns[c]) / total; if (expected < 5) small = true; value += (row[c] - expected) ** 2 / expected; }
    }
    const df = (kept.length - 1) * (used.length - 1);
    return { value, df, p: upperGamma(df / 2, value / 2), small };
  }
  samspil.chiSquare = chiSquare;
  function halfUp(n, base) {
    // as the tables: half up at one decimal, of the double as it stands
    return Math.floor((n / base) * 100 * 10 + 0.5) / 10;
  }
  samspil.halfUp = halfUp;
  function setUpExplorer() {
    const form = document.getElementById("explorer"), counts = window.samspilCounts;
    if (!form || !counts) return;
    const question = document.getElementById("ex-question"), item = document.getElementById("ex-item"), group = document.getElementById("ex-group");
    const result = document.getElementById("ex-result"), chart = document.getElementById("ex-chart");
    const option = (value, text) => el("option", { value, text });
    question.append(...Object.entries(counts.questions).map(([id, q]) => option(id, q.order + ". " + q.label[at])));
    group.append(option("all", w.no_group), ...Object.entries(counts.groups).map(([id, g]) => option(id, g.label[at])));
    function fillItems() {
      item.replaceChildren(...counts.questions[question.value].items.map((id) => option(id, counts.items[id].label[at])));
    }
    function render() {
      const it = counts.items[item.value], grouped = group.value !== "all", g = counts.groups[group.value];
      const all = (it.counts.all || {}).all || [];
      const lines = grouped ? g.levels.map(([key, da, en]) => ({ label: [da, en][at], n: (it.counts[group.value] || {})[key] || all.map(() => 0) })) : [];
      lines.push({ label: w.all, n: all, all: true });
      const sum = (n) => n.reduce((a, b) => a + b, 0);
      const head = el("tr", {}, [el("th", { scope: "col", text: w.group }), ...it.codes.map((c) => el("th", { scope: "col", className: "n", text: c[1 + at] })), el("th", { scope: "col", className: "n", text: "N" }), grouped && g.overlapping ? el("th", { scope: "col", className: "n", text: "p" }) : null]);
      const body = el("tbody");
      let small = false;
      for (const line of lines) {
        const base = sum(line.n);
        const cells = line.n.map((n) => el("td", { className: "n", text: base ? fixed(halfUp(n, base), 1) : "–", title: say(w.count_of, { n, b: base }) }));
        let p = null;
        if (grouped && g.overlapping && !line.all) {
          const test = chiSquare([line.n, all.map((n, i) => n - line.n[i])]);
          if (test) { p = test.p; small = small || test.small; }
        }
        body.append(el("tr", {}, [el("th", { scope: "row", text: line.label, dir: "auto" }), ...cells, el("td", { className: "n", text: String(base) }), grouped && g.overlapping ? el("td", { className: "n", text: p === null ? "" : pText(p) }) : null]));
      }
      const caption = it.label[at] + (grouped ? ", " + g.label[at] : "") + " (" + w.percent + ") " + counts.banner[at];
      const parts = [el("div", { className: "scroll", tabIndex: 0, role: "region", "aria-label": caption }, [el("table", {}, [el("caption", { text: caption }), el("thead", {}, [head]), body])])];
      if (grouped && g.overlapping) parts.push(el("p", { className: "quiet", text: w.chi_others + (small ? ". " + w.small : ".") }));
      else if (grouped) {
        const test = chiSquare(lines.slice(0, -1).map((line) => line.n));
        if (test) parts.push(el("p", { id: "ex-test", text: w.chi_levels + ": " + fixed(test.value, 3) + " (df " + test.df + "), p = " + pText(test.p) + (test.small ? ". " + w.small : "") }));
      }
      parts.push(el("p", { className: "quiet" }, [w.column + ": ", el("code", { text: it.column })]));
      result.replaceChildren(...parts);
      const apart = it.codes.map((c, i) => (it.dk.includes(c[0]) ? i : -1)).filter((i) => i >= 0);
      const kind = it.codes.length - apart.length > 6 || it.codes.length === 1 ? "stacked" : it.ordered ? "diverging" : "stacked";
      draw(chart, { kind, names: it.codes.map((c) => c[1 + at]), apart, lines: lines.map((line) => { const base = sum(line.n); return { label: line.label, values: line.n.map((n) => (base ? (100 * n) / base : null)), texts: line.n.map((n) => (base ? fixed(halfUp(n, base), 1) : "")) }; }) });
      history.replaceState(null, "", "#" + item.value + "/" + group.value);
    }
    const [wanted, by] = location.hash.slice(1).split("/");
    const start = counts.items[wanted] ? counts.items[wanted].question : counts.questions[wanted] ? wanted : null;
    if (start) question.value = start;
    fillItems();
    if (counts.items[wanted]) item.value = wanted;
    if (by && (by === "all" || counts.groups[by])) group.value = by;
    question.addEventListener("input", () => { fillItems(); render(); });
    item.addEventListener("input", render);
    group.addEventListener("input", render);
    render();
  }

  // ---- trends and downloads -----------------------------------------------------------------
  function setUpTrends() {
    const place = document.getElementById("trends");
    if (!place) return;
    if (!(window.samspilPublished || {}).trends) { place.append(el("p", { text: w.no_trends })); return; }
    load(waves_root + "trends/trends.js", () => {
      const data = window.samspilTrends;
      for (const banner of data.banners) place.append(el("p", { className: "constructed", text: banner[at] }));
      for (const q of data.questions) {
        place.append(el("h2", { text: q.label[at], dir: "auto" }));
        const head = [w.item, w.answer, w.from_to, w.percent, w.change, w.interval, "p", w.note].map((text, i) => el("th", { scope: "col", text, className: i > 2 && i < 7 ? "n" : "" }));
        const rows = q.lines.map((line) => el("tr", {}, [el("td", { text: line.item[at], dir: "auto" }), el("td", { text: line.code[at], dir: "auto" }), el("td", { text: line.waves }), el("td", { className: "n", text: line.shares.map((s) => (s === null ? "–" : fixed(s, 1))).join(" → ") }),
          el("td", { className: "n", text: line.change === null ? "–" : (line.change > 0 ? "+" : "") + fixed(line.change, 1) }), el("td", { className: "n", text: line.low === null ? "" : fixed(line.low, 1) + " – " + fixed(line.high, 1) }), el("td", { className: "n", text: line.p === null ? "" : pText(line.p) }), el("td", { text: line.refused[at] })]));
        place.append(el("div", { className: "scroll", tabIndex: 0, role: "region", "aria-label": q.label[at] }, [el("table", {}, [el("thead", {}, [el("tr", {}, head)]), el("tbody", {}, rows)])]));
      }
    });
  }
  function setUpDownloads() {
    const list = document.getElementById("downloads"), files = (window.samspilFiles || {}).files;
    if (!list || !files) return;
    const id = list.dataset.table;
    for (const file of files) {
      const about = file.includes("charts/") ? file.includes("/" + id + ".") || file.includes("/" + id + "-") : /^tables\.(da|en)\./.test(file);
      if (about && (!/\.(da|en)\./.test(file) || file.includes("." + lang + "."))) list.append(el("li", {}, [el("a", { href: up + "../" + file, text: file })]));
    }
  }
  const pressed = document.querySelector(":target");
  if (pressed) pressed.scrollIntoView();
  setUpList(); setUpExplorer(); setUpDownloads();
  if (document.getElementById("waves") || document.getElementById("trends")) {
    const start = () => { setUpTable(); setUpTrends(); };
    load(waves_root + "published.js", start, start);
  }
})();
