/* Buildings coloured by minutes of walking: in bands, or, with the slider, within so many minutes or not. */
plan.part(() => {
  const { data, ui, el, put, fill, clauseNode, panel } = plan;

  function themeClass(m) {
    if (m === null || m === undefined) return data.theme.colours.length - 1;
    if (m >= 0) for (let k = 0; k < data.theme.breaks.length; k++) if (m <= data.theme.breaks[k]) return k;
    return data.theme.colours.length - 2;
  }
  plan.themeColour = (m) => data.theme.colours[themeClass(m)];
  const buildings = data.layers.find((l) => l.id === "buildings");
  if (!data.reach || !buildings) return;

  const section = el("section", "theme");
  section.appendChild(el("h2", "", ui.theme));
  const select = el("select"); select.setAttribute("aria-label", ui.theme);
  [ui.theme_none, ...data.reach.map((r) => r.title)].forEach((text, i) => { const o = el("option", "", text); o.value = String(i - 1); select.appendChild(o); });
  const slider = el("input"), told = el("output", "told"), bands = el("button", "bands", ui.theme_bands), key = el("div", "key");
  slider.type = "range"; slider.min = "1"; slider.max = String(data.theme.slider); slider.step = "1"; slider.value = "15";
  slider.id = "plan-minutes"; slider.setAttribute("aria-label", ui.slider);
  told.setAttribute("for", slider.id); told.setAttribute("aria-live", "polite");
  bands.type = "button";
  const label = el("label", "slider"), shown = el("span", "minutes");
  put(label, el("span", "", ui.slider), slider, shown);

  let sliding = false;
  const ofClass = (m) => (m === null ? 2 : m >= 0 && m <= Number(slider.value) ? 0 : 1);
  function paint(colour) { // by building; null: as usual
    if (buildings.crowd) buildings.crowd.paint(colour && buildings.ids.map((_, i) => colour(i)));
    buildings.paths.forEach((ps, i) => ps.forEach((p) => {
      p.usual = buildings.classOf(i).style.f;
      p.setStyle({ fillColor: colour ? colour(i) : p.usual });
    }));
  }
  function rows(colours, words, n) {
    words.forEach((word, k) => {
      if (!n[k] && k === n.length - 1) return;
      const sw = el("span", "swatch"); sw.style.background = colours[k];
      key.appendChild(put(el("div", "row"), sw, el("span", "", word), el("span", "n", String(n[k]))));
    });
  }
  function say(r, minutes, n) {
    const all = { n: minutes, name: r.label, buildings: n[0], all: n[0] + n[1] };
    told.textContent = r.within
      ? fill(ui.slider_households, { ...all, households: r.within[minutes - 1], of: r.of, share: r.of ? Math.round((1e4 * r.within[minutes - 1]) / r.of) / 100 : 0 })
      : fill(ui.slider_buildings, all);
  }
  function recolour() {
    const theme = Number(select.value), r = data.reach[theme], minutes = Number(slider.value);
    shown.textContent = fill(ui.slider_value, { n: minutes });
    slider.setAttribute("aria-valuetext", shown.textContent);
    key.replaceChildren();
    told.textContent = "";
    bands.hidden = !sliding || theme < 0;
    label.hidden = theme < 0;
    if (theme < 0) { paint(null); return; }
    const colours = sliding ? data.theme.reached : data.theme.colours, classOf = sliding ? ofClass : themeClass;
    const n = new Array(colours.length).fill(0);
    r.up.forEach((m) => n[classOf(m)]++);
    paint((i) => colours[classOf(r.up[i])]);
    rows(colours, sliding ? [fill(ui.slider_reached, { n: minutes }), fill(ui.slider_missed, { n: minutes }), ui.unknown] : data.theme.words, n);
    if (sliding) say(r, minutes, n);
    if (data.reach_est && sliding) told.appendChild(el("span", "est", ui.estimated));
    (data.theme.clauses || []).forEach((c) => key.appendChild(clauseNode(data.clauses[c], false)));
  }
  select.addEventListener("change", recolour);
  slider.addEventListener("input", () => { sliding = true; recolour(); });
  bands.addEventListener("click", () => { sliding = false; recolour(); slider.focus(); });
  panel.appendChild(put(section, select, label, told, bands, key));
  recolour();
});
