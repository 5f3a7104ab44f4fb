/* Search: by number as people say it, by name, by finding. */
plan.part(() => {
  const { data, ui, el, put, badge, choosers, go, open, panel } = plan;

  const find = el("div", "find");
  const input = el("input"); input.type = "search"; input.placeholder = ui.search; input.setAttribute("aria-label", ui.search);
  const found = el("div", "found");
  put(find, input, found);
  panel.appendChild(find);
  // As people say it: “4号楼”, “4栋”, “b4” and “B04” are one building.
  const plain = (t) => t.toLowerCase().replace(/(\d)\s*(?:号楼|号|栋|幢|#|楼)$/, "$1").replace(/(^|\D)0+(?=\d)/g, "$1");
  const index = [];
  for (const layer of data.layers) if (!layer.before && ["buildings", "rooms", "facilities", "entrances", "parcels", "communities", "open_spaces"].includes(layer.kind)) {
    layer.names.forEach((name, i) => { if (layer.has(i)) index.push([name, layer, i, layer.ids[i]]); });
  }
  // There may be tens of thousands of stalls: they are looked through by number only, and only where little else is found.
  const many = data.layers.filter((layer) => !layer.before && ["stalls", "elevators"].includes(layer.kind));
  const MOST = 8, SHORTEST = 2;
  function among(q, room) {
    const out = [];
    if (q.length < SHORTEST) return out;
    for (const layer of many) for (let i = 0; i < layer.ids.length && out.length < room; i++) {
      if (layer.has(i) && layer.ids[i].toLowerCase().startsWith(q)) out.push([layer.ids[i], layer, i, layer.ids[i]]);
    }
    return out;
  }
  const said = { title: ui.findings, kind: "verdicts" };
  data.findings.forEach((f, n) => index.push([[f.title, f.subject].filter(Boolean).join(" · "), said, n, f.rule]));
  input.addEventListener("input", () => {
    found.replaceChildren();
    const q = input.value.trim().toLowerCase();
    if (!q) return;
    const short = plain(q), numbered = short !== q || /\d/.test(q);
    const same = ([name, , , id]) => numbered && [id, name].some((t) => { const k = plain(t); return k === short || k.replace(/^\D+/, "") === short; });
    const hit = index.filter((e) => e[0].toLowerCase().includes(q) || e[3].toLowerCase().includes(q) || same(e));
    hit.sort((a, b) => (b[3].toLowerCase() === q) - (a[3].toLowerCase() === q) || same(b) - same(a) || (b[1].kind === "buildings") - (a[1].kind === "buildings") || b[0].toLowerCase().startsWith(q) - a[0].toLowerCase().startsWith(q) || a[0].length - b[0].length);
    if (hit.length < MOST) hit.push(...among(q, MOST - hit.length));
    for (const [name, layer, i] of hit.slice(0, MOST)) {
      const verdict = layer === said ? data.findings[i] : null;
      const b = put(el("button", ""), put(el("span"), verdict ? badge(verdict) : null, el("span", "", name)), el("small", "", layer.title));
      b.type = "button";
      b.addEventListener("click", () => {
        if (verdict) { choosers[i](); return; }
        go([[layer, i]]);
        open(layer, i, plan.at(layer, i));
      });
      found.appendChild(b);
    }
    if (!hit.length) found.appendChild(el("p", "", ui.nothing_found));
  });
  input.addEventListener("keydown", (e) => { if (e.key === "Enter" && found.firstChild && found.firstChild.click) found.firstChild.click(); });
});
