/* The layers: paths from the data, and which lie over which. */
plan.part(() => {
  const { data, map, renderer, sized, resize, Symbol_, Crowd, open } = plan;

  const where = new Map(); // id of a feature -> [[layer, index]]
  const order = [];
  for (const layer of data.layers) {
    layer.group = L.layerGroup();
    layer.paths = [];
    order.push(layer);
    layer.ids.forEach((id, i) => {
      if (layer.kind === "findings" || layer.before) return;
      const known = where.get(id);
      if (known) known.push([layer, i]); else where.set(id, [[layer, i]]);
    });
    if (layer.packed) {
      const crowd = new Crowd(layer, { renderer, interactive: !!layer.click, bubblingMouseEvents: false });
      crowd.on("click", (e) => { if (crowd.hit >= 0) open(layer, crowd.hit, e.latlng); });
      layer.crowd = crowd;
      layer.group.addLayer(crowd);
      continue;
    }
    layer.ids.forEach((_, i) => {
      const cls = layer.classOf(i);
      const style = cls.style;
      const own = [];
      // Lines around everything that any rule looked at would hide what the hearing is about.
      const outlined = layer.kind !== "findings" || layer.finds[i].some((f) => data.findings[f].outline);
      for (const part of layer.parts(i)) {
        if (part.type !== 0 && !outlined) continue;
        const common = {
          renderer, color: style.c, weight: style.w, opacity: style.so ?? 1, dashArray: style.d || null,
          fillColor: style.f, interactive: !!layer.click && (layer.kind !== "findings" || part.type === 0), smoothFactor: 0.4, lineCap: style.d ? "butt" : "round", bubblingMouseEvents: false,
        };
        let p;
        if (part.type === 0) {
          const metres = layer.radii && layer.radii[i];
          if (metres) {
            p = L.circleMarker(part.at, { ...common, fill: true, fillOpacity: style.o ?? 1, round: metres, style });
          } else {
            p = new Symbol_(part.at, { ...common, style, glyph: layer.glyphs ? layer.glyphs[i] : cls.glyph, radius: style.r || 6 });
          }
          sized.push(p);
        } else if (part.type === 1) {
          p = L.polyline(part.at, { ...common, fill: false });
          const metres = (layer.widths && layer.widths[i]) || style.mw;
          if (metres && style.mw) { p.options.metres = metres; p.options.least = style.w; sized.push(p); }
        } else {
          const covered = style.s && style.s !== "dot" ? style.ao ?? 0.3 : style.o;
          p = L.polygon(part.at, { ...common, fill: covered > 0, fillOpacity: covered ?? 0.3, color: style.s && style.s !== "dot" && style.c === "#ffffff" ? style.f : style.c });
        }
        plan.swipe.part(p, layer, i);
        if (layer.click) p.on("click", (e) => open(layer, i, e.latlng));
        own.push(p);
        layer.group.addLayer(p);
      }
      layer.paths.push(own);
    });
  }
  const paths = (layer) => (layer.crowd ? [layer.crowd] : layer.paths.flat());
  function restack() {
    for (const layer of order) if (map.hasLayer(layer.group)) paths(layer).forEach((p) => p.bringToFront());
    recommended();
  }
  function recommended() { // over the units that were not, which may lie in one building, and over badges
    for (const layer of order) if (layer.kind === "rooms" && map.hasLayer(layer.group)) layer.paths.forEach((ps, i) => {
      if (layer.classOf(i).id === "placed") ps.forEach((p) => p.bringToFront());
    });
  }
  function show(layer, on) {
    if (on) { map.addLayer(layer.group); resize(); restack(); } else map.removeLayer(layer.group);
    plan.swipe.follow();
    plan.labels.redraw();
  }

  Object.assign(plan, { where, order, restack, recommended, show });
});
