/* Labels: drawn on a canvas, none over another. */
plan.part(() => {
  const { data, map, middle, order, symbolRadius, Symbol_, SCALE, FONT } = plan;

  const RANK = { rooms: 0, entrances: 1, buildings: 2, parcels: 3, communities: 3, open_spaces: 4, facilities: 5, walkways: 6 };
  const texts = [];
  for (const layer of data.layers) {
    if (!layer.labels) continue;
    layer.ids.forEach((_, i) => {
      const text = layer.labels === true ? layer.names[i] : layer.labels[i];
      const ps = text && layer.parts(i);
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
    onRemove() {
      map.off("moveend zoomend resize", this.redraw, this);
      cancelAnimationFrame(this._due);
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
        if (layer.crowd) layer.crowd.symbols(view, (at, r, i) => {
          const q = map.latLngToContainerPoint(at), b = [q.x - r, q.y - r, q.x + r, q.y + r];
          b.symbol = true;
          take(b, layer.id + i);
        });
        layer.paths.forEach((ps, i) => ps.forEach((p) => {
          if (!(p instanceof Symbol_) || p._radius < 6 || layer.kind === "remarks" || !view.contains(p.getLatLng())) return;
          if (!plan.swipe.seen(layer.sides[i], map.latLngToContainerPoint(p.getLatLng()).x)) return;
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
        if (!plan.swipe.seen(t.layer.sides[t.i], map.latLngToContainerPoint(t.at).x)) continue;
        const kind = t.layer.kind, [first, second] = t.text.split("\n");
        const own = t.layer.id + t.i;
        const base = kind === "buildings" ? 15 : kind === "rooms" ? 16 : kind === "parcels" || kind === "communities" ? 20 : 14;
        let px = Math.round(base * SCALE * Math.max(0.8, Math.min(1.7, 1 + (zoom - 17) * 0.17)));
        const q = map.latLngToContainerPoint(t.at);
        const colour = kind === "rooms" && t.cls === "placed" ? "#7d1450" : kind === "walkways" ? "#5a5a5a" : kind === "facilities" ? "#30302e" : "#111";
        const bold = kind !== "walkways" && kind !== "facilities";
        const font = (n, b) => (b ? "bold " : "") + n + "px " + FONT;
        const write = (text, x, y, n, b, fill, angle) => {
          ctx.save(); plan.swipe.clipLabel(ctx, t.layer.sides[t.i]); ctx.translate(x, y); if (angle) ctx.rotate(angle);
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

  Object.assign(plan, { labels });
});
