/* A layer of thousands as one path: it draws its arrays itself, in tiles that are kept while the map is moved. */
plan.part(() => {
  const { map, swipe, symbol, symbolRadius, perMetre } = plan;
  const TILE = 512; // px
  const KEPT = 80; // tiles of a layer: a screen and what lies around it
  const AT_ONCE = 250; // features in one path: the time to fill a path grows faster than it does

  plan.Crowd = L.Path.extend({
    initialize(layer, options) {
      L.setOptions(this, options);
      this.layer = layer;
      this.colours = null; // fill colours by feature, where something else than the class decides
      this._tiles = new Map();
    },
    forget() { this._tiles.clear(); if (this._map) this.redraw(); },
    paint(colours) { this.colours = colours; this.forget(); },
    getBounds() {
      const [w, n, e, s] = this.layer.shapes.all, scale = 256;
      return L.latLngBounds(map.options.crs.pointToLatLng(L.point(w * scale, s * scale), 0), map.options.crs.pointToLatLng(L.point(e * scale, n * scale), 0));
    },
    _project() {
      const o = map.getPixelOrigin(), scale = this._scale();
      const [w, n, e, s] = this.layer.shapes.all;
      this._pxBounds = L.bounds([w * scale - o.x - 24, n * scale - o.y - 24], [e * scale - o.x + 24, s * scale - o.y + 24]);
    },
    _update() { this._updatePath(); },
    _scale() { return 256 * Math.pow(2, map.getZoom()); },

    _updatePath() {
      const r = this._renderer;
      if (!r || !r._drawing || !this._pxBounds) return;
      const o = map.getPixelOrigin(), want = r._redrawBounds || r._bounds;
      const x0 = Math.floor((Math.max(want.min.x, this._pxBounds.min.x) + o.x) / TILE), x1 = Math.floor((Math.min(want.max.x, this._pxBounds.max.x) + o.x) / TILE);
      const y0 = Math.floor((Math.max(want.min.y, this._pxBounds.min.y) + o.y) / TILE), y1 = Math.floor((Math.min(want.max.y, this._pxBounds.max.y) + o.y) / TILE);
      const draw = (side) => {
        for (let ty = y0; ty <= y1; ty++) for (let tx = x0; tx <= x1; tx++) {
          const tile = this._tile(tx, ty, side);
          if (tile) r._ctx.drawImage(tile, tx * TILE - o.x, ty * TILE - o.y, TILE, TILE);
        }
      };
      if (!swipe.on) draw(2);
      else for (const side of [1, 2]) swipe.clip(r, side, () => draw(side));
    },
    _tile(tx, ty, side) { // null where nothing lies
      const key = side + "/" + map.getZoom() + "/" + tx + "/" + ty;
      let tile = this._tiles.get(key);
      if (tile === undefined) {
        tile = this._draw(tx, ty, side);
        if (this._tiles.size >= KEPT) this._tiles.delete(this._tiles.keys().next().value);
      } else this._tiles.delete(key); // asked for last, thrown away last
      this._tiles.set(key, tile);
      return tile;
    },
    _draw(tx, ty, side) {
      const scale = this._scale(), s = this.layer.shapes, margin = 24 / scale;
      const found = s.find([(tx * TILE) / scale - margin, (ty * TILE) / scale - margin, ((tx + 1) * TILE) / scale + margin, ((ty + 1) * TILE) / scale + margin]);
      const seen = found.filter((i) => !this.layer.sides[i] || this.layer.sides[i] === side);
      if (!seen.length) return null;
      const canvas = document.createElement("canvas"), k = L.Browser.retina ? 2 : 1;
      canvas.width = canvas.height = TILE * k;
      const ctx = canvas.getContext("2d");
      ctx.scale(k, k);
      this._features(ctx, seen, scale, tx * TILE, ty * TILE, side);
      return canvas;
    },
    _features(ctx, found, scale, dx, dy, side) {
      const layer = this.layer, px = perMetre(), alike = new Map();
      for (const i of found) {
        const style = layer.classOf(i).style, fill = (this.colours && side === 2 && this.colours[i]) || style.f;
        const wide = style.mw ? Math.round(4 * Math.max(style.w, ((layer.widths && layer.widths[i]) || style.mw) * px)) / 4 : style.w;
        const key = (layer.cls ? layer.cls[i] : 0) + "|" + fill + "|" + wide;
        const group = alike.get(key);
        if (group) group.which.push(i); else alike.set(key, { style, fill, wide, which: [i] });
      }
      const order = [...alike.values()].sort((a, b) => a.which[0] - b.which[0]);
      for (const group of order) for (let from = 0; from < group.which.length; from += AT_ONCE)
        this._alike(ctx, group, group.which.slice(from, from + AT_ONCE), scale, dx, dy);
      for (const group of order) this._points(ctx, group, scale, dx, dy, px);
    },
    _alike(ctx, { style, fill, wide }, which, scale, dx, dy) {
      const s = this.layer.shapes, covered = style.s && style.s !== "dot" ? style.ao ?? 0.3 : style.o ?? 0.3;
      let areas = false;
      ctx.beginPath();
      for (const i of which) for (let r = s.first[i]; r < s.first[i + 1]; r++) {
        if (!s.kind[r]) continue;
        const from = s.ring[r], to = s.ring[r + 1];
        let lx = s.x[from] * scale - dx, ly = s.y[from] * scale - dy;
        ctx.moveTo(lx, ly);
        for (let k = from + 1; k < to; k++) {
          const x = s.x[k] * scale - dx, y = s.y[k] * scale - dy;
          if (k < to - 1 && to - from > 4 && Math.abs(x - lx) + Math.abs(y - ly) < 0.7) continue; // nobody sees it
          ctx.lineTo(x, y); lx = x; ly = y;
        }
        if (s.kind[r] > 1) { ctx.closePath(); areas = true; }
      }
      if (areas && covered > 0) { ctx.globalAlpha = covered; ctx.fillStyle = fill; ctx.fill(); }
      if (!wide) return;
      ctx.globalAlpha = style.so ?? 1; ctx.strokeStyle = style.c; ctx.lineWidth = wide;
      ctx.setLineDash((style.d || "").split(" ").filter(Boolean).map(Number));
      ctx.lineCap = style.d ? "butt" : "round"; ctx.lineJoin = "round";
      ctx.stroke();
      ctx.globalAlpha = 1; ctx.setLineDash([]);
    },
    _points(ctx, { style, which }, scale, dx, dy, px) {
      const layer = this.layer, s = layer.shapes;
      for (const i of which) for (let r = s.first[i]; r < s.first[i + 1]; r++) {
        if (s.kind[r]) continue;
        const x = s.x[s.ring[r]] * scale - dx, y = s.y[s.ring[r]] * scale - dy, metres = layer.radii && layer.radii[i];
        if (metres) {
          ctx.beginPath(); ctx.arc(x, y, Math.max(1.2, metres * px), 0, 2 * Math.PI);
          ctx.globalAlpha = style.o ?? 1; ctx.fillStyle = style.f; ctx.fill();
          ctx.globalAlpha = 1; ctx.strokeStyle = style.c; ctx.lineWidth = style.w; ctx.stroke();
        } else symbol(ctx, x, y, symbolRadius(style, map.getZoom()), style, layer.glyphs ? layer.glyphs[i] : layer.classOf(i).glyph);
      }
    },

    /* Which feature lies at a point; the one that is drawn last, of several. */
    _containsPoint(p) {
      const o = map.getPixelOrigin(), scale = this._scale(), near = this._clickTolerance(), s = this.layer.shapes, px = perMetre();
      const x = (p.x + o.x) / scale, y = (p.y + o.y) / scale, reach = 24 / scale;
      const found = s.find([x - reach, y - reach, x + reach, y + reach]);
      this.hit = -1;
      const sides = this.layer.sides;
      for (const i of found) if (swipe.holds(sides[i], p.x) && this._hits(s, i, x, y, scale, near, px)) this.hit = i;
      return this.hit >= 0;
    },
    _hits(s, i, x, y, scale, near, px) {
      const layer = this.layer, style = layer.classOf(i).style;
      let inside = false;
      for (let r = s.first[i]; r < s.first[i + 1]; r++) {
        const from = s.ring[r], to = s.ring[r + 1];
        if (!s.kind[r]) {
          const radius = layer.radii && layer.radii[i] ? layer.radii[i] * px : symbolRadius(style, map.getZoom());
          if (Math.hypot(s.x[from] - x, s.y[from] - y) * scale <= radius + near) return true;
          continue;
        }
        for (let k = from, j = s.kind[r] > 1 ? to - 1 : from; k < to; j = k++) {
          if (s.kind[r] > 1 && s.y[k] > y !== s.y[j] > y && x < ((s.x[j] - s.x[k]) * (y - s.y[k])) / (s.y[j] - s.y[k]) + s.x[k]) inside = !inside;
          if (L.LineUtil.pointToSegmentDistance(L.point(x * scale, y * scale), L.point(s.x[j] * scale, s.y[j] * scale), L.point(s.x[k] * scale, s.y[k] * scale)) <= near) return true;
        }
      }
      return inside;
    },
    /* Symbols in sight that labels must keep clear of. */
    symbols(view, act) {
      const s = this.layer.shapes, one = map.options.crs, nw = one.latLngToPoint(view.getNorthWest(), 0), se = one.latLngToPoint(view.getSouthEast(), 0);
      if (!s.kind.includes(0)) return;
      for (const i of s.find([nw.x / 256, nw.y / 256, se.x / 256, se.y / 256])) {
        const radius = symbolRadius(this.layer.classOf(i).style, map.getZoom());
        if (radius < 6 || (this.layer.radii && this.layer.radii[i])) continue;
        for (const part of this.layer.parts(i)) if (part.type === 0) act(part.at, radius, i);
      }
    },
  });
});
