/* What a click on a thing tells of it. */
plan.part(() => {
  const { data, ui, map, mapNode, el, put, small, findingBody, findingTitle, emphasise } = plan;

  function popupFor(layer, i) {
    const box = el("div", "pop");
    const cls = layer.classes[layer.cls ? layer.cls[i] : 0];
    const head = put(el("div", "pop-kind"), el("span", "", layer.title + (layer.classes.length > 1 ? " · " + cls.label : "")));
    if (layer.est) head.appendChild(el("span", "est", ui.estimated));
    put(box, head, layer.finds ? null : el("h3", "", layer.names[i]));
    const table = el("table");
    for (const col of layer.cols || []) {
      const at = col.v[i];
      if (at < 0) continue;
      const row = el("tr", col.strong ? "strong" : "");
      const th = el("th", "", col.l);
      if (col.est) th.appendChild(el("span", "est", ui.estimated));
      table.appendChild(put(row, th, el("td", "", col.u[at])));
    }
    if (table.rows.length) box.appendChild(table);
    put(box, plan.stairsOf(layer, i));
    if (data.reach && layer.id === "buildings") {
      const mins = el("table", "mins");
      data.reach.forEach((r) => {
        const m = r.min[i];
        if (m === null) return;
        const row = el("tr");
        const chip = el("span", "chip"); chip.style.background = plan.themeColour(r.up[i]);
        mins.appendChild(put(row, put(el("th"), chip, el("span", "", r.label)), el("td", "", m < 0 ? ui.beyond : m.toFixed(1))));
      });
      if (mins.rows.length) {
        const head = el("h4", "", ui.minutes_title);
        if (data.reach_est) head.appendChild(el("span", "est", ui.estimated));
        put(box, head, mins);
      }
    }
    if (layer.finds) layer.finds[i].forEach((f) => box.appendChild(findingBody(data.findings[f], true)));
    else for (const f of byFeature.get(layer.ids[i]) || []) box.appendChild(data.findings[f].several ? findingTitle(f) : findingBody(data.findings[f], true));
    return box;
  }
  const byFeature = new Map();
  data.findings.forEach((f, n) => f.features.forEach((id) => byFeature.set(id, [...(byFeature.get(id) || []), n])));
  function open(layer, i, latlng, options) {
    if (plan.pointing && plan.pointing(latlng, layer, i)) return; // a remark is about what is clicked
    plan.opened = [data.layers.indexOf(layer), i, latlng];
    L.popup({ maxWidth: small.matches ? 320 : layer.stairs || layer.id === "buildings" ? 560 : 420, maxHeight: Math.round(mapNode.clientHeight * 0.7), closeButton: true, autoPanPadding: [20, 20], ...options })
      .setLatLng(latlng).setContent(popupFor(layer, i)).openOn(map);
    if (layer.kind === "findings") emphasise([[layer, i]]);
  }

  Object.assign(plan, { open });
});
