/* The legend, which is where layers are switched on and off. */
plan.part(() => {
  const { data, ui, map, el, put, sample, show, clauseNode, panel } = plan;

  function classRows(item, layer) {
    for (const cls of layer.classes) {
      const c = el("canvas", "sample"), k = 2; c.width = 44 * k; c.height = 26 * k;
      sample(c.getContext("2d"), k, layer, cls);
      item.appendChild(put(el("div", "row"), c, el("span", "", cls.label), el("span", "n", String(cls.n))));
      if (cls.note) item.appendChild(el("p", "note", cls.note));
      for (const n of cls.clauses) item.appendChild(clauseNode(data.clauses[n], false));
    }
  }

  // Layers of which one choice shows at a time: blind spots, by category.
  if (data.picks) {
    const section = el("section", "theme picks");
    section.appendChild(el("h2", "", data.picks.title));
    const select = el("select"); select.setAttribute("aria-label", data.picks.title);
    const key = el("div", "key");
    for (const [value, text] of [["", data.picks.none], ...data.picks.options]) { const o = el("option", "", text); o.value = value; select.appendChild(o); }
    const choose = () => {
      key.replaceChildren();
      for (const layer of data.layers) {
        if (!layer.pick) continue;
        const on = layer.pick === select.value;
        if (on !== map.hasLayer(layer.group)) show(layer, on);
        if (!on) continue;
        if (layer.est && !key.firstChild) key.appendChild(el("span", "est", ui.estimated));
        classRows(key, layer);
      }
    };
    select.value = data.picks.shown;
    select.addEventListener("change", choose);
    data.picks.choose = choose;
    panel.appendChild(put(section, select, key));
  }

  const legend = el("section", "legend");
  legend.appendChild(el("h2", "", ui.layers));
  for (const layer of [...data.layers].reverse()) {
    if (layer.pick || layer.before) continue;
    const box = el("input"); box.type = "checkbox"; box.checked = layer.on;
    layer.box = box;
    box.addEventListener("change", () => show(layer, box.checked));
    const head = put(el("label", "head"), box, el("span", "", layer.title));
    if (layer.est) head.appendChild(el("span", "est", ui.estimated));
    const item = put(el("div", "layer"), head);
    classRows(item, layer);
    legend.appendChild(item);
  }
  panel.appendChild(legend);
});
