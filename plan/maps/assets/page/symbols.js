/* Symbols: on the map, in the legend, always the same. */
plan.part(() => {
  const { FONT, SCALE } = plan;

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
  function sample(ctx, k, layer, cls) {
    const s = cls.style;
    ctx.scale(k, k);
    const g = layer.classes.length && layer.glyphs ? "" : cls.glyph;
    if (s.s && s.s !== "dot") { symbol(ctx, 22, 13, Math.min(11, s.r), s, g); return; }
    const lines = layer.hasLines || layer.kind === "barriers";
    ctx.setLineDash((s.d || "").split(" ").filter(Boolean).map(Number));
    ctx.strokeStyle = s.c; ctx.globalAlpha = s.so ?? 1;
    if (lines) { ctx.lineWidth = Math.max(s.w, s.mw || 0); ctx.beginPath(); ctx.moveTo(4, 13); ctx.lineTo(40, 13); ctx.stroke(); return; }
    if (s.s === "dot" && !layer.radii && layer.kind === "entrances") { symbol(ctx, 22, 13, 5, s, ""); return; }
    ctx.lineWidth = s.w; ctx.beginPath();
    if (s.s === "dot" && cls.n && layer.radii) ctx.arc(22, 13, 8, 0, 7); else ctx.rect(6, 5, 32, 16);
    ctx.save(); ctx.globalAlpha = s.o ?? 0.3; ctx.fillStyle = s.f; if (s.o > 0) ctx.fill(); ctx.restore();
    ctx.stroke();
  }

  Object.assign(plan, { symbol, Symbol_, symbolRadius, sample });
});
