/* Buildings coloured by minutes of walking. */
plan.part(() => {
  const { data, ui, el, put, clauseNode, panel } = plan;

  let theme = -1;
  function themeClass(m) {
    if (m === null || m === undefined) return data.theme.colours.length - 1;
    if (m >= 0) for (let k = 0; k < data.theme.breaks.length; k++) if (m <= data.theme.breaks[k]) return k;
    return data.theme.colours.length - 2;
  }
  function themeColour(m) { return data.theme.colours[themeClass(m)]; }
  const buildings = data.layers.find((l) => l.id === "buildings");
  if (data.reach && buildings) {
    const section = el("section", "theme");
    section.appendChild(el("h2", "", ui.theme));
    const select = el("select"); select.setAttribute("aria-label", ui.theme);
    const key = el("div", "key");
    [ui.theme_none, ...data.reach.map((r) => r.title)].forEach((text, i) => { const o = el("option", "", text); o.value = String(i - 1); select.appendChild(o); });
    const recolour = () => {
      theme = Number(select.value);
      key.replaceChildren();
      if (buildings.crowd) buildings.crowd.paint(theme < 0 ? null : data.reach[theme].min.map(themeColour));
      buildings.paths.forEach((ps, i) => {
        const base = buildings.classes[buildings.cls ? buildings.cls[i] : 0].style;
        ps.forEach((p) => p.setStyle({ fillColor: theme < 0 ? base.f : themeColour(data.reach[theme].min[i]) }));
      });
      if (theme < 0) return;
      const n = new Array(data.theme.colours.length).fill(0);
      data.reach[theme].min.forEach((m) => n[themeClass(m)]++);
      data.theme.words.forEach((word, k) => {
        if (!n[k] && k === n.length - 1) return;
        const sw = el("span", "swatch"); sw.style.background = data.theme.colours[k];
        key.appendChild(put(el("div", "row"), sw, el("span", "", word), el("span", "n", String(n[k]))));
      });
      (data.theme.clauses || []).forEach((c) => key.appendChild(clauseNode(data.clauses[c], false)));
    };
    select.addEventListener("change", recolour);
    panel.appendChild(put(section, select, key));
  }

  Object.assign(plan, { themeColour });
});
