/* Remarks of residents: written here, kept on this device, saved to a file by a button. Nothing is sent. */
plan.part(() => {
  const { data, ui, map, el, put, panel, toggle, renderer } = plan;

  const form = data.remarks;
  const key = "plan.remarks:" + form.site.sha256.join() + ":" + form.site.name;
  const MOST = 4000; // characters of one remark
  // Where a browser keeps nothing for a page from a file, remarks last as long as the page.
  const stored = () => { try { return JSON.parse(localStorage.getItem(key)) || []; } catch { return []; } };
  const keep = () => { try { localStorage.setItem(key, JSON.stringify(plan.kept)); } catch { /* they stay in the page */ } };
  const sound = (r) => r && typeof r.text === "string" && typeof r.kind === "string" && Array.isArray(r.point) && r.point.every(Number.isFinite);
  if (!plan.kept) { const found = stored(); plan.kept = Array.isArray(found) ? found.filter(sound) : []; }

  const section = el("section", "remarks");
  const marks = L.layerGroup().addTo(map);
  let pointed = false; // the next click on the map says what a remark is about

  const button = el("button", "tool remark", ui.remark);
  button.type = "button"; button.setAttribute("aria-pressed", "false");
  button.addEventListener("click", () => ask(!pointed));
  document.getElementById("plan-tools").prepend(button);
  const hint = el("p", "hint", ui.remark_point); hint.hidden = true; hint.setAttribute("role", "status");
  map.getContainer().appendChild(hint);
  plan.life.signal.addEventListener("abort", () => hint.remove());
  function ask(on) {
    pointed = on;
    button.setAttribute("aria-pressed", String(on));
    hint.hidden = !on;
    map.getContainer().classList.toggle("pointing", on);
    map.closePopup();
    if (on && plan.small.matches) toggle(false);
  }
  map.getContainer().addEventListener("keydown", (e) => { if (e.key === "Escape" && pointed) ask(false); }, { signal: plan.life.signal });

  const about = (r) => {
    const layer = data.layers.find((l) => l.id === "buildings"), i = layer && r.building_id ? layer.ids.indexOf(r.building_id) : -1;
    return i < 0 ? ui.remark_place : ui.remark_about.replace("{name}", () => layer.names[i]);
  };
  function pointing(latlng, layer, i) {
    if (!pointed) return false;
    ask(false);
    const wrapped = latlng.wrap();
    const point = [wrapped.lng, wrapped.lat].map((v) => Math.round(v * 1e7) / 1e7);
    write({ kind: form.kinds[0][0], text: "", date: "", point, building_id: buildingAt(latlng, layer, i) }, -1);
    return true;
  }
  function buildingAt(latlng, layer, i) {
    if (layer && layer.id === "buildings") return layer.ids[i];
    const homes = data.layers.find((l) => l.id === "buildings");
    if (!homes) return null;
    const inside = (ring) => {
      let odd = false;
      for (let a = 0, b = ring.length - 1; a < ring.length; b = a++) {
        const [ay, ax] = ring[a], [by, bx] = ring[b];
        if (ay > latlng.lat !== by > latlng.lat && latlng.lng < ax + ((latlng.lat - ay) / (by - ay)) * (bx - ax)) odd = !odd;
      }
      return odd;
    };
    const at = homes.ids.findIndex((_, n) => homes.parts(n).some((p) => p.type === 2 && p.at.some((rings) => rings.filter(inside).length % 2 === 1)));
    return at < 0 ? null : homes.ids[at];
  }
  map.on("click", (e) => pointing(e.latlng));

  function field(label, node) {
    return put(el("label", "field"), el("span", "", label), node);
  }
  function write(r, n) {
    const sheet = el("div", "pop remark-form"); // no form: a frame of a notebook may send none
    const kind = el("select");
    const kinds = form.kinds.some(([k]) => k === r.kind) ? form.kinds : [[r.kind, r.kind], ...form.kinds];
    for (const [value, word] of kinds) { const o = el("option", "", word); o.value = value; kind.appendChild(o); }
    kind.value = r.kind;
    const text = el("textarea"); text.rows = 4; text.maxLength = MOST; text.value = r.text;
    const date = el("input"); date.type = "date"; date.value = r.date;
    const done = el("button", "main", ui.remark_keep), leave = el("button", "", ui.remark_cancel);
    done.type = leave.type = "button";
    put(sheet, el("h3", "", about(r)), field(ui.remark_kind, kind), field(ui.remark_text, text), field(ui.remark_date, date), put(el("p", "buttons"), done, leave));
    leave.addEventListener("click", () => map.closePopup());
    done.addEventListener("click", () => {
      const said = text.value.trim();
      if (!said) { text.focus(); return; }
      const now = { ...r, kind: kind.value, text: said, date: date.value };
      if (n < 0) plan.kept.push(now); else plan.kept[n] = now;
      keep(); map.closePopup(); list();
    });
    plan.opened = null;
    plan.draft = () => [{ ...r, kind: kind.value, text: text.value, date: date.value }, n];
    L.popup({ maxWidth: plan.small.matches ? 300 : 380, minWidth: 260, autoPanPadding: [20, 20] })
      .setLatLng([r.point[1], r.point[0]]).setContent(sheet).openOn(map);
    text.focus({ preventScroll: true });
  }
  function list() {
    section.hidden = !plan.kept.length;
    section.replaceChildren(el("h2", "", ui.remarks_title));
    marks.clearLayers();
    const word = (kind) => (form.kinds.find(([k]) => k === kind) || [kind, kind])[1];
    plan.kept.forEach((r, n) => {
      const at = L.latLng(r.point[1], r.point[0]);
      const go = () => { map.setView(at, Math.max(map.getZoom(), 18), { animate: false }); write(plan.kept[n], n); };
      marks.addLayer(L.circleMarker(at, { renderer, radius: 9, color: "#111", weight: 2, fillColor: "#56B4E9", fillOpacity: 1, bubblingMouseEvents: false }).on("click", (e) => { if (!pointing(e.latlng)) go(); }));
      const edit = el("button", "see", ui.remark_edit), gone = el("button", "see", ui.remark_delete);
      edit.type = gone.type = "button";
      edit.addEventListener("click", () => { if (plan.small.matches) toggle(false); go(); });
      gone.addEventListener("click", () => { plan.kept.splice(n, 1); keep(); map.closePopup(); list(); });
      section.appendChild(put(el("div", "remark-item"), el("p", "sum", [word(r.kind), about(r), r.date].filter(Boolean).join(" · ")), el("p", "said", r.text), put(el("p"), edit, gone)));
    });
    const save = el("button", "main", ui.remark_save.replace("{n}", String(plan.kept.length)));
    save.type = "button";
    save.addEventListener("click", () => {
      const file = { schema: form.schema, map: data.title, site: form.site, remarks: plan.kept };
      const a = el("a");
      a.href = URL.createObjectURL(new Blob([JSON.stringify(file, null, 1)], { type: "application/json" }));
      a.download = "remarks.json";
      a.click();
      setTimeout(() => URL.revokeObjectURL(a.href), 10000);
    });
    put(section, save, el("p", "note", ui.remark_how));
  }
  panel.appendChild(section);
  list();

  Object.assign(plan, { pointing, write, marks });
});
