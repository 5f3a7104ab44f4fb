/* Draws the hearing map from the JSON in the page. Text from data reaches the page only through
   textContent, the title attribute and canvas fillText: nothing in it is ever parsed or run. */
(function draw() {
  "use strict";
  if (!window.innerWidth || !window.innerHeight) { // the frame of a notebook has no size yet
    const sizes = new ResizeObserver(() => { if (window.innerWidth && window.innerHeight) { sizes.disconnect(); draw(); } });
    sizes.observe(document.documentElement);
    return;
  }
  const data = JSON.parse(document.getElementById("plan-data").textContent);
  const ui = data.ui;
  const mapNode = document.querySelector(".folium-map");
  const map = window[mapNode.id];
  const FONT = getComputedStyle(document.body).fontFamily;
  const SCALE = Math.max(1, Math.min(1.45, window.innerWidth / 1500)); // a projector is read from afar
  const small = window.matchMedia("(max-width: 760px)");

  /* ---------- geometry: whole steps of 1e-7 degree ---------- */
  const [ox, oy] = data.origin;
  function path(steps) {
    const out = [];
    let x = ox, y = oy;
    for (let i = 0; i < steps.length; i += 2) {
      x += steps[i]; y += steps[i + 1];
      out.push([y / 1e7, x / 1e7]);
    }
    return out;
  }
  // -> [{type: 0|1|2, at: nested latlngs}]
  function parts(g) {
    if (!g) return [];
    if (g[0] === 3) return g.slice(1).flatMap(parts);
    if (g[0] === 0) return g.slice(1).map((p) => ({ type: 0, at: path(p)[0] }));
    if (g[0] === 1) return [{ type: 1, at: g.slice(1).map(path) }];
    return [{ type: 2, at: g.slice(1).map((rings) => rings.map(path)) }];
  }

  /* ---------- DOM helpers ---------- */
  function el(tag, cls, text) {
    const node = document.createElement(tag);
    if (cls) node.className = cls;
    if (text !== undefined && text !== null) node.textContent = text;
    return node;
  }
  function put(parent, ...children) {
    for (const child of children) if (child) parent.appendChild(child);
    return parent;
  }

  /* ---------- symbols on canvas ---------- */
  function shape(ctx, kind, x, y, r) {
    ctx.beginPath();
    if (kind === "square") {
      const q = r * 0.9, k = r * 0.3;
      ctx.roundRect ? ctx.roundRect(x - q, y - q, 2 * q, 2 * q, k) : ctx.rect(x - q, y - q, 2 * q, 2 * q);
    } else if (kind === "triangle") {
      ctx.moveTo(x, y - r * 1.15); ctx.lineTo(x + r * 1.1, y + r * 0.8); ctx.lineTo(x - r * 1.1, y + r * 0.8); ctx.closePath();
    } else if (kind === "badge") { // an octagon, like no other symbol
      for (let i = 0; i < 8; i++) {
        const a = Math.PI / 8 + (i * Math.PI) / 4;
        ctx.lineTo(x + r * Math.cos(a), y + r * Math.sin(a));
      }
      ctx.closePath();
    } else ctx.arc(x, y, r, 0, 2 * Math.PI);
  }
  function symbol(ctx, x, y, r, style, glyph) {
    ctx.save();
    ctx.setLineDash([]);
    if (style.s === "badge") { // a white rim lifts it from what it judges
      shape(ctx, "badge", x, y, r + 2.5); ctx.fillStyle = "#fff"; ctx.fill();
    }
    shape(ctx, style.s, x, y, r);
    ctx.fillStyle = style.f; ctx.fill();
    if (style.s !== "badge") {
      if (style.d) ctx.setLineDash([4, 3]);
      ctx.lineWidth = r < 5 ? 1 : style.w; ctx.strokeStyle = style.c; ctx.stroke();
    }
    if (glyph && r >= 7) {
      ctx.fillStyle = style.t || "#fff";
      const wide = glyph.length > 1 ? 0.95 : 1.28;
      ctx.font = "bold " + Math.round(r * wide) + "px " + FONT;
      ctx.textAlign = "center"; ctx.textBaseline = "middle";
      ctx.fillText(glyph, x, y + r * (style.s === "triangle" ? 0.2 : 0.06));
    }
    ctx.restore();
  }
  const Symbol_ = L.CircleMarker.extend({
    _project() { // a verdict stands at the corner of what it judges, not upon it
      L.CircleMarker.prototype._project.call(this);
      if (this.options.style.s !== "badge") return;
      this._point = this._point.add([this._radius, -this._radius]);
      this._updateBounds();
    },
    _updatePath() {
      const r = this._renderer;
      if (!r._drawing || this._empty()) return;
      symbol(r._ctx, this._point.x, this._point.y, this._radius, this.options.style, this.options.glyph);
    },
  });
  function symbolRadius(style, zoom) {
    const full = style.r || 6;
    if (style.s === "dot") return Math.max(1.6, full * SCALE * Math.pow(1.35, Math.min(zoom, 20) - 18));
    return SCALE * full * Math.max(0.42, Math.min(1.25, 1 + (zoom - 17) * 0.16));
  }

  /* ---------- the map ---------- */
  map.attributionControl.setPrefix("Leaflet");
  L.control.zoom({ position: "topleft", zoomInTitle: ui.zoom_in, zoomOutTitle: ui.zoom_out, zoomOutText: "–" }).addTo(map);
  L.control.scale({ position: "bottomleft", imperial: false, maxWidth: 160 }).addTo(map);
  const north = L.control({ position: "topright" });
  north.onAdd = () => {
    const box = el("div", "north");
    put(box, el("span", "needle"), el("span", "", ui.north));
    return box;
  };
  north.addTo(map);
  const home = L.control({ position: "topleft" });
  home.onAdd = () => {
    const bar = el("div", "leaflet-bar");
    const a = put(el("a", "home"), el("span", "frame"));
    a.href = "#"; a.title = ui.home; a.setAttribute("role", "button"); a.setAttribute("aria-label", ui.home);
    L.DomEvent.on(a, "click", (e) => { L.DomEvent.stop(e); whole(); });
    L.DomEvent.disableClickPropagation(bar);
    return put(bar, a);
  };
  home.addTo(map);
  const bounds = L.latLngBounds(data.bounds);
  function whole() { map.closePopup(); map.fitBounds(bounds, { padding: small.matches ? [8, 8] : [24, 24], animate: false }); }

  // Widths in metres and sizes of symbols follow the zoom; set before the renderer redraws.
  const sized = [];
  function perMetre() {
    const c = map.getCenter();
    return Math.pow(2, map.getZoom()) * 256 / (40075016.686 * Math.cos((c.lat * Math.PI) / 180));
  }
  function resize() {
    const z = map.getZoom(), px = perMetre();
    for (const p of sized) {
      const o = p.options;
      if (o.metres) o.weight = Math.max(o.least, o.metres * px);
      else if (o.round) { o.radius = p._radius = Math.max(1.2, o.round * px); }
      else { o.radius = p._radius = symbolRadius(o.style, z); }
    }
  }
  map.on("zoomend", resize);
  const renderer = L.canvas({ padding: 0.4, tolerance: 5 });

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
    if (data.reach && layer.id === "buildings") {
      const mins = el("table", "mins");
      data.reach.forEach((r) => {
        const m = r.min[i];
        if (m === null) return;
        const row = el("tr");
        const chip = el("span", "chip"); chip.style.background = themeColour(m);
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

  const where = new Map(); // id of a feature -> [[layer, index]]
  const order = [];
  for (const layer of data.layers) {
    layer.group = L.layerGroup();
    layer.paths = [];
    layer.g.forEach((g, i) => {
      const cls = layer.classes[layer.cls ? layer.cls[i] : 0];
      const style = cls.style;
      const own = [];
      // Lines around everything that any rule looked at would hide what the hearing is about.
      const outlined = layer.kind !== "findings" || layer.finds[i].some((f) => data.findings[f].outline);
      for (const part of parts(g)) {
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
        p.plan = [layer, i];
        if (layer.click) p.on("click", (e) => open(layer, i, e.latlng));
        own.push(p);
        layer.group.addLayer(p);
      }
      layer.paths.push(own);
      const id = layer.ids[i];
      if (layer.kind !== "findings") where.set(id, [...(where.get(id) || []), [layer, i]]);
    });
    order.push(layer);
  }
  function open(layer, i, latlng) {
    L.popup({ maxWidth: small.matches ? 300 : 420, maxHeight: Math.round(mapNode.clientHeight * 0.7), closeButton: true, autoPanPadding: [20, 20] })
      .setLatLng(latlng).setContent(popupFor(layer, i)).openOn(map);
    if (layer.kind === "findings") emphasise([[layer, i]]);
  }
  function restack() {
    for (const layer of order) if (map.hasLayer(layer.group)) layer.paths.forEach((ps) => ps.forEach((p) => p.bringToFront()));
    recommended();
  }
  function recommended() { // over the units that were not, which may lie in one building, and over badges
    for (const layer of order) if (layer.kind === "rooms" && map.hasLayer(layer.group)) layer.paths.forEach((ps, i) => {
      if (layer.classes[layer.cls ? layer.cls[i] : 0].id === "placed") ps.forEach((p) => p.bringToFront());
    });
  }
  function show(layer, on) {
    if (on) { map.addLayer(layer.group); resize(); restack(); } else map.removeLayer(layer.group);
    labels.redraw();
  }

  /* ---------- labels: drawn on a canvas, none over another ---------- */
  function middle(rings) { // the middle of the widest stretch inside, on the level of the centroid
    const ring = rings[0];
    let a = 0, cy = 0, lo = Infinity, hi = -Infinity;
    for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
      const k = (ring[j][1] - ring[0][1]) * (ring[i][0] - ring[0][0]) - (ring[i][1] - ring[0][1]) * (ring[j][0] - ring[0][0]);
      a += k; cy += k * (ring[i][0] + ring[j][0] - 2 * ring[0][0]);
      lo = Math.min(lo, ring[i][0]); hi = Math.max(hi, ring[i][0]);
    }
    const level = a ? ring[0][0] + cy / (3 * a) : (lo + hi) / 2;
    let best = null;
    for (const y of [level, (lo + hi) / 2, lo + (hi - lo) * 0.3, lo + (hi - lo) * 0.7]) {
      const xs = [];
      for (const r of rings) for (let i = 0, j = r.length - 1; i < r.length; j = i++) {
        if (r[i][0] > y !== r[j][0] > y) xs.push(r[j][1] + ((y - r[j][0]) / (r[i][0] - r[j][0])) * (r[i][1] - r[j][1]));
      }
      xs.sort((p, q) => p - q);
      for (let i = 0; i + 1 < xs.length; i += 2) {
        const w = xs[i + 1] - xs[i];
        if (!best || w > best.w * 1.15) best = { w, y, x: (xs[i] + xs[i + 1]) / 2 };
      }
      if (best && y === level && best.w > 0) break;
    }
    return best || { w: 0, y: ring[0][0], x: ring[0][1] };
  }
  const RANK = { rooms: 0, entrances: 1, buildings: 2, parcels: 3, communities: 3, open_spaces: 4, facilities: 5, walkways: 6 };
  const texts = [];
  for (const layer of data.layers) {
    if (!layer.labels) continue;
    layer.g.forEach((g, i) => {
      const text = layer.labels === true ? layer.names[i] : layer.labels[i];
      const ps = text && parts(g);
      if (!ps || !ps.length) return;
      const cls = layer.cls ? layer.cls[i] : 0;
      const t = { layer, i, text, rank: (RANK[layer.kind] ?? 7) + (layer.kind === "rooms" ? { placed: 0, existing: 0.1, planned: 0.2 }[layer.classes[cls].id] ?? 2.5 : 0), cls: layer.classes[cls].id };
      const point = ps.find((p) => p.type === 0), area = ps.find((p) => p.type === 2), line = ps.find((p) => p.type === 1);
      if (point) { t.at = point.at; t.style = layer.classes[cls].style; }
      else if (area) { const m = middle(area.at[0]); t.at = [m.y, m.x]; t.span = m.w; t.box = L.latLngBounds(area.at[0][0]); }
      else if (line) { t.line = line.at.reduce((a, b) => (b.length > a.length ? b : a)); t.at = t.line[Math.floor(t.line.length / 2)]; }
      texts.push(t);
    });
  }
  texts.sort((a, b) => a.rank - b.rank);
  const Labels = L.Layer.extend({
    onAdd() {
      const pane = map.createPane("plan-labels");
      pane.style.zIndex = 450; pane.style.pointerEvents = "none";
      this._c = L.DomUtil.create("canvas", "leaflet-zoom-hide", pane);
      map.on("moveend zoomend resize", this.redraw, this);
      this.redraw();
    },
    redraw() {
      if (!this._c || this._due) return;
      this._due = requestAnimationFrame(() => { this._due = 0; this._draw(); });
    },
    _draw() {
      const size = map.getSize(), k = window.devicePixelRatio || 1, c = this._c, ctx = c.getContext("2d");
      c.width = size.x * k; c.height = size.y * k; c.style.width = size.x + "px"; c.style.height = size.y + "px";
      L.DomUtil.setPosition(c, map.containerPointToLayerPoint([0, 0]));
      ctx.setTransform(k, 0, 0, k, 0, 0);
      const view = map.getBounds().pad(0.02), zoom = map.getZoom(), cells = new Map(), CELL = 64;
      const each = (b, f) => {
        for (let gx = Math.floor(b[0] / CELL); gx <= Math.floor(b[2] / CELL); gx++)
          for (let gy = Math.floor(b[1] / CELL); gy <= Math.floor(b[3] / CELL); gy++) if (f(gx * 4096 + gy)) return true;
        return false;
      };
      const hits = (b, own, over) => b[0] < 3 || b[1] < 3 || b[2] > size.x - 3 || b[3] > size.y - 28 || each(b, (key) => (cells.get(key) || []).some((o) => o.own !== own && !(over && o.symbol) && b[0] < o[2] && b[2] > o[0] && b[1] < o[3] && b[3] > o[1]));
      const take = (b, own) => { b.own = own; each(b, (key) => { cells.has(key) ? cells.get(key).push(b) : cells.set(key, [b]); }); };
      // Symbols keep their place: no label covers them.
      for (const layer of order) {
        if (!map.hasLayer(layer.group)) continue;
        layer.paths.forEach((ps, i) => ps.forEach((p) => {
          if (!(p instanceof Symbol_) || p._radius < 6 || layer.kind === "remarks" || !view.contains(p.getLatLng())) return;
          const q = p._point ? map.layerPointToContainerPoint(p._point) : map.latLngToContainerPoint(p.getLatLng()), r = p._radius;
          const b = [q.x - r, q.y - r, q.x + r, q.y + r];
          b.symbol = layer.kind !== "rooms" || layer.classes[layer.cls ? layer.cls[i] : 0].id !== "placed";
          take(b, layer.id + i);
        }));
      }
      const seen = new Set();
      this.drawn = 0;
      ctx.lineJoin = "round"; ctx.textAlign = "center"; ctx.textBaseline = "middle";
      for (const t of texts) {
        if (!map.hasLayer(t.layer.group) || !view.contains(t.at)) continue;
        const kind = t.layer.kind, [first, second] = t.text.split("\n");
        const own = t.layer.id + t.i;
        const base = kind === "buildings" ? 15 : kind === "rooms" ? 16 : kind === "parcels" || kind === "communities" ? 20 : 14;
        let px = Math.round(base * SCALE * Math.max(0.8, Math.min(1.7, 1 + (zoom - 17) * 0.17)));
        const q = map.latLngToContainerPoint(t.at);
        const colour = kind === "rooms" && t.cls === "placed" ? "#7d1450" : kind === "walkways" ? "#5a5a5a" : kind === "facilities" ? "#30302e" : "#111";
        const bold = kind !== "walkways" && kind !== "facilities";
        const font = (n, b) => (b ? "bold " : "") + n + "px " + FONT;
        const write = (text, x, y, n, b, fill, angle) => {
          ctx.save(); ctx.translate(x, y); if (angle) ctx.rotate(angle);
          ctx.font = font(n, b); ctx.lineWidth = Math.max(3, n / 4.2); ctx.strokeStyle = "rgba(255,255,255,.92)";
          ctx.strokeText(text, 0, 0); ctx.fillStyle = fill; ctx.fillText(text, 0, 0); ctx.restore();
        };
        if (t.line) {
          if (zoom < 15.5 || seen.has(first)) continue;
          let best = null;
          for (let i = 1; i < t.line.length; i++) {
            const a = map.latLngToContainerPoint(t.line[i - 1]), b = map.latLngToContainerPoint(t.line[i]);
            const d = a.distanceTo(b), m = a.add(b).divideBy(2);
            if ((!best || d > best.d) && m.x > 30 && m.y > 30 && m.x < size.x - 30 && m.y < size.y - 30) best = { d, m, angle: Math.atan2(b.y - a.y, b.x - a.x) };
          }
          if (!best) continue;
          px = Math.round(12.5 * SCALE);
          ctx.font = font(px, false);
          const w = ctx.measureText(first).width;
          if (best.d < w * 0.9) continue;
          let angle = best.angle; if (angle > Math.PI / 2) angle -= Math.PI; if (angle < -Math.PI / 2) angle += Math.PI;
          const bw = (Math.abs(Math.cos(angle)) * w + Math.abs(Math.sin(angle)) * px) / 2, bh = (Math.abs(Math.sin(angle)) * w + Math.abs(Math.cos(angle)) * px) / 2;
          const b = [best.m.x - bw, best.m.y - bh, best.m.x + bw, best.m.y + bh];
          if (hits(b, own)) continue;
          take(b, own); seen.add(first); write(first, best.m.x, best.m.y, px, false, colour, angle); this.drawn++;
          continue;
        }
        if (t.style) { // beside a symbol
          if (kind === "facilities" && zoom < 16) continue;
          if (t.cls === "rejected" && zoom < 19) continue; // why not here? is asked by a click
          const r = symbolRadius(t.style, zoom);
          ctx.font = font(px, bold);
          const w = ctx.measureText(first).width, g = 4;
          const right = [q.x + r + g + w / 2, q.y], under = [q.x, q.y + r + g + px / 2], left = [q.x - r - g - w / 2, q.y], above = [q.x, q.y - r - g - px / 2];
          // What is recommended is named whatever symbol lies there; other things only where there is room.
          const best = t.cls === "placed" && kind === "rooms";
          const places = best ? [under, above, right, left, [...under, true], [...above, true]] : [right, under, left, above];
          for (const [x, y, over] of places) {
            const b = [x - w / 2 - 2, y - px / 2 - 1, x + w / 2 + 2, y + px / 2 + 1];
            if (hits(b, own, over)) continue;
            take(b, own); write(first, x, y, px, bold, colour); this.drawn++; break;
          }
          continue;
        }
        const nw = map.latLngToContainerPoint(t.box.getNorthWest()), se = map.latLngToContainerPoint(t.box.getSouthEast());
        const wide = se.x - nw.x, high = se.y - nw.y, span = (t.span * Math.pow(2, zoom) * 256) / 360;
        if (kind === "parcels" || kind === "communities") {
          ctx.font = font(px, true);
          const w = ctx.measureText(first).width;
          if (w > wide * 1.1) continue;
          for (const y of [nw.y + px, q.y, se.y - px]) {
            const b = [q.x - w / 2, y - px / 2, q.x + w / 2, y + px / 2];
            if (hits(b, own)) continue;
            take(b, own); write(first, q.x, y, px, true, "#5b3a1a"); this.drawn++; break;
          }
          continue;
        }
        let minor = Math.max(11, Math.round(px * 0.74));
        // Large letters where they fit, smaller ones where they must; nothing where it would be noise.
        let done = false;
        for (const n of [px, Math.round(px * 0.8)]) {
          if (done || n < 11) break;
          minor = Math.max(11, Math.round(n * 0.74));
          ctx.font = font(n, true); const w1 = first ? ctx.measureText(first).width : 0;
          ctx.font = font(minor, false); const w2 = second ? ctx.measureText(second).width : 0;
          const gap = first && second ? 5 : 0, room = Math.max(span, Math.min(wide, high) * 1.2);
          const forms = [];
          if (second && first && high >= n + minor) forms.push(["two", Math.max(w1, w2), n + minor]);
          if (second) forms.push(["one", w1 + gap + w2, n]);
          if (first) forms.push(["first", w1, n]);
          for (const [form, w, h] of forms) {
            if (done || w > room * 1.25 || h > high * 1.6) continue;
            for (const dx of [0, -0.28, 0.28, -0.4, 0.4]) {
              const x = q.x + dx * span, b = [x - w / 2 - 1, q.y - h / 2, x + w / 2 + 1, q.y + h / 2];
              if (hits(b, own)) continue;
              take(b, own); this.drawn++; done = true;
              if (form === "two") { write(first, x, q.y - minor / 2, n, true, colour); write(second, x, q.y + n / 2, minor, false, "#333"); }
              else if (form === "one") {
                if (first) write(first, x - w / 2 + w1 / 2, q.y, n, true, colour);
                write(second, x + w / 2 - w2 / 2, q.y, minor, false, "#333");
              } else write(first, x, q.y, n, true, colour);
              break;
            }
          }
        }
      }
    },
  });
  const labels = new Labels();

  /* ---------- a finding ---------- */
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

  /* ---------- emphasis ---------- */
  const emphasis = L.layerGroup().addTo(map);
  function emphasise(places) {
    emphasis.clearLayers();
    const all = L.latLngBounds([]);
    for (const [layer, i] of places) for (const part of parts(layer.g[i])) {
      if (part.type === 0 && layer.kind === "findings" && layer.g[i][0] === 3 && parts(layer.g[i]).some((p) => p.type !== 0)) continue; // its badge, not what it judges
      for (const [color, weight] of [["#111111", 9], ["#F0E442", 5]]) {
        const o = { renderer, color, weight, fill: false, interactive: false };
        const p = part.type === 0 ? L.circleMarker(part.at, { ...o, radius: 20 * SCALE }) : part.type === 1 ? L.polyline(part.at, o) : L.polygon(part.at, o);
        emphasis.addLayer(p);
        if (part.type === 0) all.extend(part.at); else all.extend(p.getBounds());
      }
    }
    // The line around a thing must not cover its symbol.
    for (const layer of order) if (map.hasLayer(layer.group)) layer.paths.forEach((ps) => ps.forEach((p) => p instanceof Symbol_ && p.options.style.s !== "dot" && p.bringToFront()));
    recommended();
    return all;
  }
  function go(places) {
    for (const [layer] of places) if (!map.hasLayer(layer.group)) { layer.box.checked = true; show(layer, true); }
    const all = emphasise(places);
    map.closePopup();
    if (small.matches) toggle(false);
    if (all.isValid()) map.fitBounds(all.pad(0.25), { maxZoom: 19, animate: false });
    labels.redraw();
  }
  map.on("click", () => emphasis.clearLayers());

  /* ---------- title block ---------- */
  document.getElementById("plan-title").textContent = data.title;
  const meta = document.getElementById("plan-meta");
  data.meta.forEach(([k, v]) => put(meta, put(el("span", "fact"), el("b", "", k), el("span", "", v))));
  if (data.credit) {
    const credit = L.control({ position: "bottomright" });
    credit.onAdd = () => el("div", "credit", data.credit);
    credit.addTo(map);
  }
  const about = document.getElementById("plan-about");
  about.querySelector("summary").textContent = ui.details;
  if (small.matches) about.open = false;

  /* ---------- panel ---------- */
  const panel = document.getElementById("plan-panel");
  const button = document.getElementById("plan-toggle");
  function toggle(on) {
    document.body.classList.toggle("panel-open", on);
    button.textContent = on ? ui.hide_panel : ui.show_panel;
    button.setAttribute("aria-expanded", String(on));
    map.invalidateSize({ animate: false });
  }
  button.addEventListener("click", () => toggle(!document.body.classList.contains("panel-open")));

  if (data.headline) panel.appendChild(put(el("p", "headline " + data.headline.status), el("span", "badge " + data.headline.status, data.headline.symbol), el("strong", "", data.headline.text)));

  const find = el("div", "find");
  const input = el("input"); input.type = "search"; input.placeholder = ui.search; input.setAttribute("aria-label", ui.search);
  const found = el("div", "found");
  put(find, input, found);
  panel.appendChild(find);
  // As people say it: “4号楼”, “4栋”, “b4” and “B04” are one building.
  const plain = (t) => t.toLowerCase().replace(/(\d)\s*(?:号楼|号|栋|幢|#|楼)$/, "$1").replace(/(^|\D)0+(?=\d)/g, "$1");
  const index = [];
  for (const layer of data.layers) if (["buildings", "rooms", "facilities", "entrances", "parcels", "communities", "open_spaces"].includes(layer.kind)) {
    layer.names.forEach((name, i) => { if (layer.g[i]) index.push([name, layer, i, layer.ids[i]]); });
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
    for (const [name, layer, i] of hit.slice(0, 8)) {
      const verdict = layer === said ? data.findings[i] : null;
      const b = put(el("button", ""), put(el("span"), verdict ? badge(verdict) : null, el("span", "", name)), el("small", "", layer.title));
      b.type = "button";
      b.addEventListener("click", () => {
        if (verdict) { choosers[i](); return; }
        go([[layer, i]]);
        const p = layer.paths[i][0];
        open(layer, i, p.getLatLng ? p.getLatLng() : p.getBounds().getCenter());
      });
      found.appendChild(b);
    }
    if (!hit.length) found.appendChild(el("p", "", ui.nothing_found));
  });
  input.addEventListener("keydown", (e) => { if (e.key === "Enter" && found.firstChild && found.firstChild.click) found.firstChild.click(); });

  if (data.findings.length) {
    const section = el("section", "findings");
    section.appendChild(el("h2", "", ui.findings));
    const counts = el("div", "counts");
    const list = el("div", "list");
    const items = [];
    for (const group of data.headline.groups) {
      const chips = put(el("div", "chips"), el("b", "", group.label));
      for (const s of data.statuses) {
        if (!group.n[s.id]) continue;
        const chip = put(el("button", "chip-status " + s.id), el("span", "badge " + s.id, s.symbol), el("span", "", s.word + " " + group.n[s.id]));
        chip.type = "button"; chip.setAttribute("aria-pressed", "true");
        chip.addEventListener("click", () => {
          const on = chip.getAttribute("aria-pressed") !== "true";
          chip.setAttribute("aria-pressed", String(on));
          data.findings.forEach((f, n) => { if (f.must === group.must && f.status === s.id) items[n].hidden = !on; });
        });
        chips.appendChild(chip);
      }
      counts.appendChild(chips);
    }
    data.findings.forEach((f, n) => {
      const item = el("details", "finding " + f.status);
      const top = put(el("summary"), badge(f), put(el("span", "what"), el("span", "title", f.title), el("span", "sum", [f.strength_word, f.subject, f.short].filter(Boolean).join(" · "))));
      if (f.est) top.querySelector(".what").appendChild(el("span", "est", ui.estimated));
      const places = f.place !== null ? [[data.layers.find((l) => l.kind === "findings"), f.place]] : f.features.flatMap((id) => where.get(id) || []).filter(([l, i]) => l.g[i]).slice(0, 200);
      const facts = el("p", "rule", [f.rule, f.strength_word, places.length ? "" : ui.no_place].filter(Boolean).join(" · "));
      put(item, top, put(findingBody(f, false), facts));
      top.addEventListener("click", () => { if (!item.open && places.length) go(places); });
      list.appendChild(item);
      items.push(item);
      choosers[n] = () => {
        map.closePopup();
        if (places.length) go(places);
        toggle(true);
        item.hidden = false; item.open = true;
        item.scrollIntoView({ block: "nearest" });
      };
    });
    panel.appendChild(put(section, counts, list));
  }

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
    if (layer.pick) continue;
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
  function sample(ctx, k, layer, cls) {
    const s = cls.style;
    ctx.scale(k, k);
    const g = layer.classes.length && layer.glyphs ? "" : cls.glyph;
    if (s.s && s.s !== "dot") { symbol(ctx, 22, 13, Math.min(11, s.r), s, g); return; }
    const lines = layer.g.some((x) => x && x[0] === 1) || layer.kind === "barriers";
    ctx.setLineDash((s.d || "").split(" ").filter(Boolean).map(Number));
    ctx.strokeStyle = s.c; ctx.globalAlpha = s.so ?? 1;
    if (lines) { ctx.lineWidth = Math.max(s.w, s.mw || 0); ctx.beginPath(); ctx.moveTo(4, 13); ctx.lineTo(40, 13); ctx.stroke(); return; }
    if (s.s === "dot" && !layer.radii && layer.kind === "entrances") { symbol(ctx, 22, 13, 5, s, ""); return; }
    ctx.lineWidth = s.w; ctx.beginPath();
    if (s.s === "dot" && cls.n && layer.radii) ctx.arc(22, 13, 8, 0, 7); else ctx.rect(6, 5, 32, 16);
    ctx.save(); ctx.globalAlpha = s.o ?? 0.3; ctx.fillStyle = s.f; if (s.o > 0) ctx.fill(); ctx.restore();
    ctx.stroke();
  }

  /* ---------- start ---------- */
  toggle(!small.matches);
  map.invalidateSize({ animate: false });
  whole();
  resize();
  for (const layer of order) if (layer.on) map.addLayer(layer.group);
  map.addLayer(labels);
  if (data.picks) data.picks.choose();
  resize();
  restack();
  const ready = document.fonts ? document.fonts.load("16px " + data.family, "楼") : Promise.resolve();
  Promise.resolve(ready).then(() => {
    for (const p of sized) if (map.hasLayer(p)) p.redraw();
    labels.redraw();
    // Two frames later everything has been drawn once.
    requestAnimationFrame(() => requestAnimationFrame(() => { document.documentElement.dataset.ready = "yes"; }));
  });
  let paper = null; // a sheet shows what the screen shows
  window.addEventListener("beforeprint", () => { paper = [map.getBounds(), map.getCenter(), map.getZoom()]; });
  window.addEventListener("afterprint", () => {
    const back = paper;
    paper = null;
    map.invalidateSize({ animate: false });
    if (back) map.setView(back[1], back[2], { animate: false });
  });
  window.matchMedia("print").addEventListener("change", (e) => {
    if (!e.matches || !paper) return;
    map.invalidateSize({ animate: false });
    map.fitBounds(paper[0], { animate: false });
    labels._draw();
  });
  let last = "";
  window.addEventListener("resize", () => {
    const now = window.innerWidth + "x" + window.innerHeight;
    if (now !== last) { last = now; map.invalidateSize({ animate: false }); }
  });
  window.planMap = { map, data, labels };
})();
