/* A finding in words, and its place on the map. */
plan.part(() => {
  const { data, ui, map, el, put, small, SCALE, renderer, Symbol_ } = plan;

  function badge(f) {
    const b = el("span", "badge " + f.status, f.symbol);
    b.title = f.word;
    return b;
  }
  function clauseNode(c, opened) {
    const d = el("details", "clause");
    if (opened) d.open = true;
    put(d, el("summary", "", ui.basis + " " + [c.document, c.number, c.article].filter(Boolean).join(" ")));
    d.appendChild(el("blockquote", "", c.quote || ui.no_quote));
    if (c.dates) d.appendChild(el("p", "dates", c.dates));
    return d;
  }
  function line(parent, label, text) {
    if (!text) return;
    parent.appendChild(put(el("p", "fact"), el("b", "", label + " "), el("span", "", text)));
  }
  function findingHead(f) {
    return put(el("h4"), badge(f), el("span", "", f.title), el("span", "word", f.word), f.est ? el("span", "est", ui.estimated) : null);
  }
  const choosers = []; // for each finding, what shows it in the list and on the map
  function findingTitle(n) { // its figure is that of many things together, not of the one that was clicked
    const f = data.findings[n], link = el("button", "see", ui.see_finding);
    link.type = "button";
    link.addEventListener("click", () => choosers[n]());
    return put(el("div", "finding-body " + f.status), put(findingHead(f), link));
  }
  function findingBody(f, heading) {
    const box = el("div", "finding-body " + f.status);
    if (heading) box.appendChild(findingHead(f));
    line(box, ui.measured, f.measured);
    line(box, ui.required, f.required);
    line(box, ui.subject, f.subject);
    line(box, ui.reason, f.reason);
    line(box, ui.remedy, f.remedy);
    if (f.clause !== null) box.appendChild(clauseNode(data.clauses[f.clause], heading));
    return box;
  }

  const emphasis = L.layerGroup().addTo(map);
  function emphasise(places) {
    emphasis.clearLayers();
    const all = L.latLngBounds([]);
    for (const [layer, i] of places) for (const part of layer.parts(i)) {
      if (part.type === 0 && layer.kind === "findings" && layer.parts(i).some((p) => p.type !== 0)) continue; // its badge, not what it judges
      for (const [color, weight] of [["#111111", 9], ["#F0E442", 5]]) {
        const o = { renderer, color, weight, fill: false, interactive: false };
        const p = part.type === 0 ? L.circleMarker(part.at, { ...o, radius: 20 * SCALE }) : part.type === 1 ? L.polyline(part.at, o) : L.polygon(part.at, o);
        emphasis.addLayer(p);
        if (part.type === 0) all.extend(part.at); else all.extend(p.getBounds());
      }
    }
    // The line around a thing must not cover its symbol.
    for (const layer of plan.order) if (map.hasLayer(layer.group)) layer.paths.forEach((ps) => ps.forEach((p) => p instanceof Symbol_ && p.options.style.s !== "dot" && p.bringToFront()));
    plan.recommended();
    return all;
  }
  function go(places) {
    for (const [layer] of places) if (!map.hasLayer(layer.group)) { layer.box.checked = true; plan.show(layer, true); }
    const all = emphasise(places);
    map.closePopup();
    if (small.matches) plan.toggle(false);
    if (all.isValid()) map.fitBounds(all.pad(0.25), { maxZoom: 19, animate: false });
    plan.labels.redraw();
  }
  map.on("click", () => emphasis.clearLayers());

  Object.assign(plan, { badge, clauseNode, findingTitle, findingBody, choosers, emphasise, go });
});
